"""What can become of a call at an agreed time, and why not."""

from enum import StrEnum
from typing import Literal

from shared.errors import Refusal

CallState = Literal[
    "offered",  #: the customer may choose a time
    "booked",  #: they have
    "cancelled",  #: they, or the team, have taken it back; another time may be chosen
    "held",  #: they have talked
    "no_show",  #: the customer was not there
]


class News(StrEnum):
    """What a mail tells of a call."""

    #: a time is agreed
    BOOKED = "booked"
    #: another one
    MOVED = "moved"
    #: none any more
    CANCELLED = "cancelled"
    #: it is soon
    SOON = "soon"


class SlotTaken(Refusal):
    """Somebody else has it, or it is not among those that are offered."""

    title = "This time is not free any more"

    def __init__(self) -> None:
        super().__init__("body.starts_at: choose one of the times that are free now")


class CallNotSo(Refusal):
    """It can be moved and cancelled while it is booked and has not begun."""

    title = "The call is not booked"

    def __init__(self, state: str) -> None:
        super().__init__(f"it is {state.replace('_', ' ')}")


class CallNotBegun(Refusal):
    """Nobody can have missed a call that has not begun."""

    title = "The call has not begun"

    def __init__(self) -> None:
        super().__init__("body.result: whether they were there is known from its time on")
