"""What the handlers need of erasures."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """A service has forgotten a customer."""

    customer: str
    service: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An erasure to be told.

    Attributes:
        told: how often it was.
        complete: all services have answered.
    """

    customer: str
    asked_at: datetime
    told: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure as it stands.

    Attributes:
        services: when each has completed it; None: not yet.
    """

    customer: str
    asked_at: datetime
    asked_by: str
    reason: str
    told: int
    completed_at: datetime | None
    services: Mapping[str, datetime | None]


class Erasures(Protocol):
    """Erasures, and what they take away; see store/erasures.py."""

    async def read(self, customer: str) -> Erasure | None: ...
    async def forget(
        self,
        asked: Mapping[str, datetime],
        erase: Callable[[Sequence[str]], Awaitable[Sequence[str]]],
    ) -> None: ...
    async def sources(self, customers: Sequence[str]) -> list[str]: ...
    async def take_away(self, customers: Sequence[str]) -> None: ...
    async def ask(
        self, customers: Sequence[str], services: Sequence[str], at: datetime, by: str, reason: str
    ) -> None: ...
    async def done(self, answers: Sequence[Answer], now: datetime, tell_at: datetime) -> None: ...
    async def due(self, now: datetime, limit: int) -> list[Waiting]: ...
    async def page(self, after: str, limit: int) -> list[Waiting]: ...
    async def told(self, next_: Mapping[str, datetime]) -> None: ...
    async def reopen(self, customers: Sequence[str], service: str) -> None: ...
