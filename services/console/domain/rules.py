"""What an operator has chosen, as decisions take it."""

from dataclasses import dataclass
from datetime import timedelta

from shared.web.who import STEP_UP, Role


@dataclass(frozen=True, slots=True)
class Rules:
    """Spans and duties.

    Attributes:
        url: where people reach the console, without a slash at the end.
        idle, life: of a session.
        step_up: how long a second factor counts for sensitive acts.
        second_factor_roles: who must have a second factor.
        reset, invitation, admin_link: how long links are good.
        half: how long a sign-in may wait for its second factor.
    """

    url: str
    idle: timedelta = timedelta(minutes=30)
    life: timedelta = timedelta(hours=12)
    step_up: timedelta = STEP_UP
    second_factor_roles: frozenset[Role] = frozenset({"admin", "lead", "oncall"})
    reset: timedelta = timedelta(minutes=30)
    invitation: timedelta = timedelta(days=3)
    admin_link: timedelta = timedelta(hours=24)
    half: timedelta = timedelta(minutes=5)
