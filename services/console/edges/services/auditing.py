"""The audit of any of our services: rows, and whether the chain holds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from services.console.edges.services.answers import Found
from services.console.edges.services.client import Client

ROUNDS = 50  # of 100,000 rows each
WALK_S = 20.0


class Row(msgspec.Struct, frozen=True):
    """One change."""

    n: int
    at: datetime
    who: str
    action: str
    kind: str
    id: str
    roles: list[str] = []
    address: str | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    why: str | None = None


class Fault(msgspec.Struct, frozen=True):
    """The first row that is not right."""

    n: int
    why: str


class Verdict(msgspec.Struct, frozen=True):
    """What a walk along the chain found; `next`: it is longer than was walked."""

    rows: int
    n: int
    hash: str
    broken: Fault | None = None
    next: str | None = None


class Auditing(Client):
    """What admins ask one service's audit."""

    async def rows(self, wanted: Mapping[str, str | None]) -> Found[Row]:
        """Who changed what, the newest first?"""
        return await self._read(Found[Row], "/v1/audit", params=wanted)

    async def verify(self) -> Verdict:
        """Does every row stand as it was written? Raises: Refused, Away."""
        verdict = await self._walk(None)
        walked, rounds = verdict.rows, 1
        while verdict.next is not None and verdict.broken is None and rounds < ROUNDS:
            verdict = await self._walk(verdict.next)
            walked, rounds = walked + verdict.rows, rounds + 1
        return msgspec.structs.replace(verdict, rows=walked)

    async def _walk(self, after: str | None) -> Verdict:
        return await self._read(
            Verdict, "/v1/audit/verify", params={"after": after}, deadline_s=WALK_S
        )
