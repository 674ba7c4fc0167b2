"""What handlers and edges need of the store; all writers lock in the order given here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from services.support.domain.customer import Customer
from services.support.domain.device import Device
from services.support.domain.episode import Episode
from services.support.domain.progress import Entry
from services.support.domain.summary import FaultSummary
from services.support.domain.ticket import Ticket
from shared.events import News

Place = tuple[datetime, str]  # time and id of the last row of the page before


class Emit(Protocol):
    """Publish an event when the transaction commits."""

    def __call__(self, event: News, *, key: str, cause: str, kind: str, n: int = 0) -> str: ...


class Devices(Protocol):
    """Locked first."""

    async def hold(self, ids: Iterable[str]) -> dict[str, Device]: ...
    async def write(self, devices: Iterable[Device]) -> None: ...
    async def read(self, id_: str) -> Device | None: ...


class FaultKeys(Protocol):
    """Locked second, before any ticket of the key."""

    async def hold(self, keys: Iterable[str]) -> dict[str, Episode]: ...
    async def hold_of_devices(self, devices: Sequence[str]) -> dict[str, Episode]: ...
    async def hold_due(self, now: datetime, limit: int) -> dict[str, Episode]: ...
    async def write(self, episodes: Iterable[tuple[Episode, datetime | None]]) -> None: ...


class Tickets(Protocol):
    """Locked third."""

    async def hold(self, ids: Iterable[str]) -> dict[str, Ticket]: ...
    async def read(self, id_: str) -> Ticket | None: ...
    async def write(self, changed: Sequence[Ticket], new: Sequence[Ticket]) -> None: ...
    async def newest(
        self, where: Mapping[str, str], before: Place | None, limit: int
    ) -> list[Ticket]: ...
    async def summary(self) -> list[FaultSummary]: ...


class History(Protocol):
    """Only added to."""

    async def add(self, entries: Sequence[Entry]) -> None: ...
    async def count(self, ticket: str) -> int: ...
    async def newest(self, ticket: str, before: Place | None, limit: int) -> list[Entry]: ...


class Customers(Protocol):
    """Locked by itself: no transaction holds a customer and a ticket."""

    async def hold(self, ids: Iterable[str]) -> dict[str, Customer]: ...
    async def write(self, customers: Iterable[Customer]) -> None: ...
    async def read(self, id_: str) -> Customer | None: ...


class Store(Protocol):
    """Support's tables within one transaction."""

    @property
    def devices(self) -> Devices: ...
    @property
    def fault_keys(self) -> FaultKeys: ...
    @property
    def tickets(self) -> Tickets: ...
    @property
    def history(self) -> History: ...
    @property
    def customers(self) -> Customers: ...
