"""Customers are erased: nothing counted of them stays; the sums of regions do."""

from collections.abc import Sequence

from services.analytics.handlers.ports import Unit


async def erase_customers(unit: Unit, subjects: Sequence[str]) -> Sequence[str]:
    """Forget them. Returns no devices: analytics knows how many somebody has, not which."""
    await unit.store.erasing.hold(subjects)
    await unit.store.erasing.take_away(subjects)
    return ()
