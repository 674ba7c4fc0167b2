"""A customer entered a play, or has come to the end of it."""

from typing import ClassVar, Literal

from shared.events.event import News


class RunChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="run_changed"):
    """Topic `journey.activity`; key `c:<customer>`.

    Attributes:
        ending: why it ended: `reached` is the play's goal.
        control: the run is there to compare with: nothing of the play was done.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    run: str
    play: str
    change: Literal["entered", "ended"]
    ending: str | None = None
    control: bool = False
