"""What a page is told while it is open: which things have changed, by their ids and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from shared.events import Event, MessageChanged, TicketChanged

Kind = Literal["ticket", "customer", "message"]
MOVES = frozenset({"opened", "reopened", "assigned"})  # into lists: of those open, of somebody's


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    Attributes:
        fresh: it may stand in a list in which it has not stood before.
    """

    kind: Kind
    id: str
    fresh: bool = False


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a stream says: ids by kind, of messages their names; of tickets, which are fresh."""

    ticket: list[str] = []
    customer: list[str] = []
    fresh: list[str] = []
    message: list[str] = []


def changes(event: Event) -> Sequence[Change]:
    """What an event of an activity topic changes for those who look."""
    since_then: list[Change] = []
    if isinstance(event, TicketChanged):
        since_then.append(Change("ticket", event.ticket, event.change in MOVES))
    if isinstance(event, MessageChanged):
        since_then.append(Change("message", event.name))
    customer = getattr(event, "customer", None)
    if isinstance(customer, str):
        since_then.append(Change("customer", customer))
    return since_then


def kinds(*, tickets: bool, customers: bool, messages: bool = False) -> frozenset[Kind]:
    """What somebody sees at all."""
    wanted_kinds: set[Kind] = set()
    if tickets:
        wanted_kinds.add("ticket")
    if customers:
        wanted_kinds.add("customer")
    if messages:
        wanted_kinds.add("message")
    return frozenset(wanted_kinds)


def told(changes: Iterable[Change], of: Iterable[Kind], tickets: frozenset[str] | None) -> Told:
    """What somebody may be told of it.

    Args:
        of: kinds of things that they may see at all.
        tickets: the only ones that they may see; None: all.

    >>> told([Change("ticket", "a", True), Change("customer", "ana")], ["ticket"], None)
    Told(ticket=['a'], customer=[], fresh=['a'], message=[])
    >>> told([Change("ticket", "a"), Change("ticket", "b")], ["ticket"], frozenset({"b"}))
    Told(ticket=['b'], customer=[], fresh=[], message=[])
    """
    wanted = set(of)
    seen = {change for change in changes if change.kind in wanted}
    ids = {change.id for change in seen if change.kind == "ticket"}
    mine = ids if tickets is None else ids & tickets
    return Told(
        sorted(mine),
        sorted(change.id for change in seen if change.kind == "customer"),
        sorted({change.id for change in seen if change.fresh} & mine),
        sorted(change.id for change in seen if change.kind == "message"),
    )
