"""Does a fault open a ticket, join one, or wake one? Facts in, decision out."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from services.support.domain.receipt import heard_at
from services.support.domain.tickets.ticket import NEVER_REOPENED, Resolution, Ticket
from shared.events import Fault


class Why(StrEnum):
    """The reason of a decision, kept in the ticket's history."""

    #: The key had no ticket yet.
    FIRST_FAULT = "first_fault"
    #: Its ticket is open.
    STILL_OPEN = "still_open"
    #: Its ticket was resolved a short while ago.
    CAME_BACK = "came_back"
    #: Its ticket was resolved too long ago to be opened again.
    LONG_RESOLVED = "long_resolved"
    #: Its ticket ended in a way that no fault undoes.
    NEVER_REOPENED = "never_reopened"
    #: Its ticket is that of an owner before.
    OTHER_OWNER = "other_owner"
    #: A person resolved the ticket after it had happened.
    BEFORE_RESOLUTION = "before_resolution"
    #: The device was retired.
    RETIRED = "retired"
    #: A newer report had come before it.
    LATE = "late"
    #: The device had more faults than it may have tickets for.
    FLOOD = "flood"


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A new ticket; an older one of the key, if any, is named in it."""

    why: Why


@dataclass(frozen=True, slots=True)
class JoinTicket:
    """One more fault of the newest ticket, whose state stays as it is."""

    why: Why


@dataclass(frozen=True, slots=True)
class WakeTicket:
    """The newest ticket is open again."""

    why: Why


Decision = OpenTicket | JoinTicket | WakeTicket


def decide(fault: Fault, newest: Ticket | None, wake_within: timedelta) -> Decision:
    """Decide what one fault does, given the newest ticket of its key.

    All times are the event's own, not those of reading it: a replay decides as the first run did.
    What a person did is compared with the receipt, because a device's clock may be hours behind.

    Args:
        newest: the key's newest ticket.
        wake_within: how long after its end a ticket may be reopened.
    """
    if newest is None:
        return OpenTicket(Why.FIRST_FAULT)
    if newest.customer != fault.customer:
        return OpenTicket(Why.OTHER_OWNER)
    if newest.resolved_at is None:
        return JoinTicket(Why.STILL_OPEN)
    if newest.resolution is Resolution.RETIRED:
        return JoinTicket(Why.RETIRED)
    # A timer's resolution is a guess that such a fault disproves; a person's is not.
    of_timer = newest.resolution is Resolution.RECOVERED
    at = fault.at if of_timer else max(fault.at, heard_at(fault))
    if at < newest.resolved_at and not of_timer:
        return JoinTicket(Why.BEFORE_RESOLUTION)
    if newest.resolution in NEVER_REOPENED:
        return OpenTicket(Why.NEVER_REOPENED)
    if fault.at - newest.resolved_at <= wake_within:
        return WakeTicket(Why.CAME_BACK)
    return OpenTicket(Why.LONG_RESOLVED)
