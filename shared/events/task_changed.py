"""A task for a team was opened, claimed, given back, done or is needed no more."""

from typing import ClassVar, Literal

from shared.events.event import News


class TaskChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="task_changed"):
    """Topic `journey.activity`; key `c:<customer>`.

    Attributes:
        run: None: it is the next step of a conversation, of no play.
        version: counted under the task's row lock; a consumer applies only a higher one.
        owner: opaque id of the account that has it.
        result: one of the words of the play's step.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    task: str
    team: str
    change: Literal["opened", "claimed", "released", "done", "cancelled"]
    state: Literal["open", "claimed", "done", "cancelled"]
    version: int
    run: str | None = None
    owner: str | None = None
    result: str | None = None
