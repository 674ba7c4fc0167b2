"""What can be taken back: the newest line of a ticket's history, if it is one's own and of a moment ago.

Nothing is sent late: what was done is done and audited, and taking it back is an act of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

WITHIN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Undo:
    """The act that takes something back.

    Attributes:
        assignee: who had it before; empty: nobody.
        left_s: for how long it is offered.
    """

    act: Literal["assign", "reopen"]
    assignee: str
    left_s: int


def undo(what: str, before: str, at: datetime, now: datetime, *, own: bool) -> Undo | None:
    """What takes the newest line back; None: nothing does, or not any more.

    Args:
        what: the line's kind.
        before: of one that gives a ticket to somebody, who had it before; empty: nobody.
        own: whether whoever looks did it.

    >>> noon = datetime(2026, 3, 1, 12)
    >>> undo("resolved", "", noon, noon + timedelta(seconds=4), own=True)
    Undo(act='reopen', assignee='', left_s=6)
    >>> undo("resolved", "", noon, noon + WITHIN, own=True)
    """
    left_s = round((WITHIN - abs(now - at)).total_seconds())
    if not own or left_s <= 0:
        return None
    if what == "assigned":
        return Undo("assign", before, left_s)
    return Undo("reopen", "", left_s) if what == "resolved" else None
