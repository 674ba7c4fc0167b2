"""Customers are erased: their devices and apps are nobody's, and what was refused of them is gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Erasing(Protocol):
    """What this handler needs of the store."""

    async def sources(self, subjects: Sequence[str]) -> list[str]: ...
    async def cut(self, subjects: Sequence[str], now: datetime) -> None: ...
    async def take_away(self, subjects: Sequence[str], sources: Sequence[str]) -> None: ...


async def erase_customers(
    subjects: Sequence[str], now: datetime, erasing: Erasing
) -> Sequence[str]:
    """Forget them. Returns the devices and apps that are or were theirs."""
    sources = await erasing.sources(subjects)
    await erasing.cut(subjects, now)
    await erasing.take_away(subjects, sources)
    return sources
