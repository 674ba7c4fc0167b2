"""The spans the decisions turn on; an operator may set the first two."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things count.

    Source: shared research on support desks, section 4 (defaults are proposals there).

    Attributes:
        wake_within: a fault this long after `resolved_at`, or less, reopens the same ticket.
        recovery_hold: a recovery must last this long before it resolves the ticket.
        touched_within: a ticket a person touched more recently than this is never resolved
            by a timer.
    """

    wake_within: timedelta = timedelta(hours=72)
    recovery_hold: timedelta = timedelta(minutes=30)
    touched_within: timedelta = timedelta(hours=24)
