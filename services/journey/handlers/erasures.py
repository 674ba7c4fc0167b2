"""Erasures: journey forgets a customer, tells the others until each has answered, and reminds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from services.journey.domain.erasure import tell_next
from services.journey.handlers.ports import Emit
from shared import ids
from shared.events import Erased, ErasureDone
from shared.stream.record import Received

JOURNEY = "journey"
SERVICES = ("analytics", "ingest", JOURNEY, "support")  # where there is something to forget
RESTORED = "restored"  # who asked, when all that is left is the list
AT_MOST = 500


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
    """See store/erasures.py."""

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


async def erase_customers(
    customers: Sequence[str], now: datetime, erasures: Erasures
) -> Sequence[str]:
    """Forget them here. One nobody remembers to have asked for (a restore) is told to all again.

    Returns: devices that are or were theirs.
    """
    sources = await erasures.sources(customers)
    await erasures.take_away(customers)
    await erasures.ask(customers, SERVICES, now, RESTORED, RESTORED)
    ours = [Answer(customer, JOURNEY, now) for customer in customers]
    await erasures.done(ours, now, tell_next(now, complete=True))
    return sources


async def tell_due(now: datetime, erasures: Erasures, emit: Emit) -> int:
    """Tell what is due; returns how many."""
    waiting = await erasures.due(now, AT_MOST)
    await tell(waiting, now, erasures, emit)
    return len(waiting)


async def tell_again(
    service: str, after: str, now: datetime, erasures: Erasures, emit: Emit
) -> list[Waiting]:
    """Tell a page of all erasures to everybody, and wait for the answers of `service` once more.

    Args:
        after: customer of the last one of the page before.
    """
    page = await erasures.page(after, AT_MOST)
    await erasures.reopen([one.customer for one in page], service)
    await tell(page, now, erasures, emit, complete=False)
    return page


async def tell(
    waiting: Sequence[Waiting],
    now: datetime,
    erasures: Erasures,
    emit: Emit,
    *,
    complete: bool | None = None,
) -> None:
    """Tell these.

    Args:
        complete: whether they are; None: as they say.
    """
    if not waiting:
        return
    for one in waiting:
        event = Erased(at=one.asked_at, customer=one.customer)
        # why random: the same telling is never made twice, and after a restore `told` counts anew
        cause = f"erasure:{one.customer}#{ids.random_id()}"
        emit(event, key=f"c:{one.customer}", cause=cause, kind="erased")
    await erasures.told(
        {
            one.customer: tell_next(now, complete=one.complete if complete is None else complete)
            for one in waiting
        }
    )


async def on_done(
    batch: Sequence[Received[ErasureDone]], now: datetime, erasures: Erasures
) -> None:
    """Services have answered."""
    answers = [Answer(one.event.customer, one.event.service, one.event.at) for one in batch]
    await erasures.done(answers, now, tell_next(now, complete=True))
