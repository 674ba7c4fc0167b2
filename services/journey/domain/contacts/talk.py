"""A conversation outside a play: with whom, what came of it, what is next, what we learned."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["call", "meeting", "mail", "visit"]
Outcome = Literal["talked", "agreed", "declined", "not_reached"]


@dataclass(frozen=True, slots=True)
class Talk:
    """One, as it is written down.

    Attributes:
        contact: with whom at an account; None: the customer themselves.
        discovery: what we learned about customers; None: nothing new.
        next_step, due_at: what whoever writes it down does next, and until when; both or neither.
    """

    kind: Kind
    at: datetime
    outcome: Outcome
    contact: str | None = None
    note: str | None = None
    discovery: str | None = None
    next_step: str | None = None
    due_at: datetime | None = None
