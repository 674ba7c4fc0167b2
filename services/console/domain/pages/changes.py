"""What a page is told while it is open: which things have changed, by their ids and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from shared.events import Event, TicketChanged

Kind = Literal["ticket", "customer"]


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
    """What a stream says: ids by kind; of tickets, which are fresh."""

    ticket: list[str] = []
    customer: list[str] = []
    fresh: list[str] = []


def changes(event: Event) -> Sequence[Change]:
    """What an event of an activity topic changes for those who look."""
    found: list[Change] = []
    if isinstance(event, TicketChanged):
        found.append(Change("ticket", event.ticket, event.change in ("opened", "reopened")))
    customer = getattr(event, "customer", None)
    if isinstance(customer, str):
        found.append(Change("customer", customer))
    return found


def kinds(*, tickets: bool, customers: bool) -> frozenset[Kind]:
    """What somebody sees at all."""
    found: set[Kind] = set()
    if tickets:
        found.add("ticket")
    if customers:
        found.add("customer")
    return frozenset(found)


def told(found: Iterable[Change], of: Iterable[Kind], tickets: frozenset[str] | None) -> Told:
    """What somebody may be told of it.

    Args:
        of: kinds of things that they may see at all.
        tickets: the only ones that they may see; None: all.

    >>> told([Change("ticket", "a", True), Change("customer", "ana")], ["ticket"], None)
    Told(ticket=['a'], customer=[], fresh=['a'])
    >>> told([Change("ticket", "a"), Change("ticket", "b")], ["ticket"], frozenset({"b"}))
    Told(ticket=['b'], customer=[], fresh=[])
    """
    wanted = set(of)
    seen = {each for each in found if each.kind in wanted}
    ids = {each.id for each in seen if each.kind == "ticket"}
    mine = ids if tickets is None else ids & tickets
    return Told(
        sorted(mine),
        sorted(each.id for each in seen if each.kind == "customer"),
        sorted({each.id for each in seen if each.fresh} & mine),
    )
