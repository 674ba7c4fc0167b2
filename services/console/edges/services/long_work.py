"""Jobs of any of our services: imports and the like."""

from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.client import Client


class LeftOut(msgspec.Struct, frozen=True):
    """An item that could not be done, and why."""

    item: int
    error: str


class Job(msgspec.Struct, frozen=True):
    """One piece of long work as it stands."""

    id: str
    kind: str
    state: Literal["running", "done", "failed", "cancelled"]
    done: int
    failed: int
    started_at: datetime
    total: int | None = None
    remaining_s: float | None = None
    problem: str | None = None
    made: int = 0
    errors: list[LeftOut] = []


class LongWork(Client):
    """What admins ask of one service's jobs."""

    async def jobs(self) -> list[Job]:
        """What runs, and what has ended lately?"""
        return await self._read(list[Job], "/v1/jobs")
