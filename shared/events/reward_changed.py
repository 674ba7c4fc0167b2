"""A reward for a recommendation was earned, is final, or was taken back."""

from typing import ClassVar, Literal

from shared.events.event import News


class RewardChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="reward_changed"):
    """Topic `journey.activity`; key `c:<customer>`.

    Attributes:
        customer: whose reward it is; the other one of the purchase is named nowhere.
        side: customer: they recommended us; friend: they bought.
        state: pending: the order may still be sent back.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    reward: str
    side: Literal["customer", "friend"]
    state: Literal["pending", "final", "reversed"]
