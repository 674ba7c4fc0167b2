"""A customer entered a stage of the journey."""

from typing import ClassVar

from shared.events.event import News


class StageChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="stage_changed"):
    """Topic `journey.activity`; key `c:<customer>`. `at` is when the condition became true.

    Attributes:
        cause: identity of the event, or `timer:<fact>`, that made the condition true.
        revised: a late event changed history that had been told already.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    stage: str
    cause: str
    previous: str | None = None
    revised: bool = False
