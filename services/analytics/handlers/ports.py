"""What handlers need of the store; all writers lock in the order given here."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from services.analytics.domain.customers.customer import Customer
from services.analytics.domain.customers.members import Marks, Members
from services.analytics.domain.days.close import Frozen
from services.analytics.domain.days.day_calendar import RegionClock
from services.analytics.domain.days.inputs import RecentInput
from services.analytics.domain.days.totals import Totals
from services.analytics.domain.drops.state import States
from shared import unit


class Known(Protocol):
    """A customer as a batch of telemetry needs it."""

    @property
    def began(self) -> datetime | None: ...
    @property
    def erased_from(self) -> date | None: ...


class Customers(Protocol):
    """Locked first."""

    async def hold(self, ids: Iterable[str]) -> dict[str, Customer]: ...
    async def write(self, changed: Mapping[str, Customer]) -> None: ...
    async def known(self, ids: Iterable[str]) -> Mapping[str, Known]: ...


class RegionClocks(Protocol):
    """Locked second."""

    async def read(self) -> dict[str, RegionClock]: ...
    async def hold(self, regions: Iterable[str]) -> dict[str, RegionClock]: ...
    async def hold_due(self, now: datetime) -> tuple[str, RegionClock] | None: ...
    async def write(self, clocks: Mapping[str, RegionClock]) -> None: ...


class RecentInputs(Protocol):
    """Locked third."""

    async def add(self, rows: Sequence[RecentInput]) -> None: ...
    async def of_region(self, region: str, until: datetime) -> list[tuple[str, str, bytes]]: ...
    async def drop(self, keys: Iterable[tuple[str, str]]) -> None: ...
    async def forget(self, day: date, before: datetime) -> None: ...


class DayInputs(Protocol):
    """Locked fourth."""

    async def add(self, ids: Sequence[str], final: Totals) -> None: ...


class Closings(Protocol):
    """Locked last, under the region's clock."""

    async def members(self, region: str, day: date) -> Members: ...
    async def final(self, region: str, day: date) -> Frozen: ...
    async def freeze(self, row: Mapping[str, Any], final_day: date, final: Frozen) -> None: ...
    async def write_states(self, ids: Sequence[str], final: Marks, states: States) -> None: ...
    async def write_risks(self, columns: Mapping[str, list[Any]]) -> None: ...
    async def add_findings(self, findings: Sequence[Mapping[str, Any]]) -> None: ...


class Erasing(Protocol):
    """Where nobody else writes."""

    async def hold(self, subjects: Sequence[str]) -> None: ...
    async def take_away(self, subjects: Sequence[str]) -> None: ...


class Store(Protocol):
    """All of it, over one connection."""

    @property
    def customers(self) -> Customers: ...
    @property
    def region_clocks(self) -> RegionClocks: ...
    @property
    def recent_inputs(self) -> RecentInputs: ...
    @property
    def day_inputs(self) -> DayInputs: ...
    @property
    def closings(self) -> Closings: ...
    @property
    def erasing(self) -> Erasing: ...


Unit = unit.Unit[Store, None]
"""What every handler is given."""
