"""Customers are erased: nothing counted of them stays; the sums of regions do."""

from collections.abc import Sequence

from services.analytics.handlers.ports import Store


async def erase_customers(subjects: Sequence[str], store: Store) -> Sequence[str]:
    """Forget them. Returns no devices: analytics knows how many somebody has, not which."""
    await store.erasing.hold(subjects)
    await store.erasing.take_away(subjects)
    return ()
