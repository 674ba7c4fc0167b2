"""Customers are erased: their devices and apps are nobody's, and what was refused of them is gone."""

from collections.abc import Sequence

from services.ingest.handlers.ports import Unit


async def erase_customers(unit: Unit, subjects: Sequence[str]) -> Sequence[str]:
    """Forget them. Returns the devices and apps that are or were theirs."""
    erasing = unit.store.erasing
    sources = await erasing.sources(subjects)
    await erasing.cut(subjects, unit.now)
    await erasing.take_away(subjects)
    return sources
