"""A task was offered to another team, and accepted, declined, left unanswered or taken back."""

from typing import ClassVar, Literal

from shared.events.event import News


class HandOffChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="hand_off_changed"):
    """Topic `journey.activity`; key `c:<customer>`.

    Attributes:
        giver, taker: teams; owner: the one of them, or a third, that owns the task from now on.
        linkage: of the playbook, by which it is allowed.
        version: counted under the customer's row lock; a consumer applies only a higher one.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    hand_off: str
    task: str
    linkage: str
    giver: str
    taker: str
    owner: str
    change: Literal["offered", "accepted", "declined", "expired", "withdrawn"]
    version: int
