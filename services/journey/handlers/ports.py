"""What the handlers need of the store and the outbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.journey.domain.customer import Customer, Holdings, Profile, Purchase
from services.journey.domain.journey_map import JourneyMap
from services.journey.domain.state import State
from services.journey.domain.timeline import Entry, Walk
from shared.events import News
from shared.events.customer_changed import Subscription


class Emit(Protocol):
    """`Transaction.emit`."""

    def __call__(self, event: News, *, key: str, cause: str, kind: str, n: int = 0) -> str:
        """Publish when the transaction commits."""
        ...


class CustomerStore(Protocol):
    """Customers, their state and history; see store/customers.py."""

    async def hold(self, ids: Iterable[str], now: datetime) -> dict[str, Customer]: ...
    async def find(self, ids: Iterable[str]) -> dict[str, Customer]: ...
    async def erased(self, ids: Iterable[str]) -> set[str]: ...
    async def states(self, held: Sequence[Customer]) -> dict[str, State]: ...
    async def histories(self, held: Sequence[Customer]) -> dict[str, list[Entry]]: ...
    async def save_sums(self, changed: Sequence[Customer]) -> None: ...
    async def save_progress(self, changed: Sequence[Customer]) -> None: ...
    async def save(self, changed: Sequence[Customer]) -> None: ...
    async def save_states(self, changed: Sequence[tuple[Customer, State]]) -> None: ...
    async def save_histories(self, walked: Sequence[tuple[Customer, int, Walk]]) -> None: ...
    async def due(self, now: datetime, limit: int) -> list[str]: ...
    async def to_republish(self, now: datetime, limit: int) -> list[str]: ...


class OwnedStore(Protocol):
    """Profile, subscription, purchases; see store/holdings.py."""

    async def holdings(self, ids: Iterable[str]) -> dict[str, Holdings]: ...
    async def subscriptions(self, ids: Iterable[str]) -> dict[str, Subscription]: ...
    async def save_profiles(self, profiles: Mapping[str, Profile]) -> None: ...
    async def save_subscriptions(self, subscriptions: Mapping[str, Subscription]) -> None: ...
    async def add_purchases(self, bought: Sequence[tuple[str, str, Purchase]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """All a handler works with in one transaction.

    Attributes:
        now: the service's clock.
    """

    customers: CustomerStore
    owned: OwnedStore
    emit: Emit
    journey: JourneyMap
    now: datetime
