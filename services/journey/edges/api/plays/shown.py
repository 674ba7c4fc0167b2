"""What a partner is shown of tasks and hand-offs: a field stands here or it is not shown.

No id of a customer, no account of ours, nothing of the play; what our people wrote with addresses and
numbers hidden. What to do and what may come of it are words of the playbook.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, StringConstraints

from shared.masking import mask
from shared.web.times import Time

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000, pattern=r"^[^\x00]*$"),
]
Mine = Literal["you", "your organisation"]


class SharedTask(BaseModel):
    """A task of the caller's team, which is a partner's."""

    id: str
    title: str
    says: str = Field(description="What to do.")
    results: list[str] = Field(description="What may come of it.")
    state: str = Field(description="open, claimed, done, cancelled")
    owner: Mine | None = Field(description="Who has it, or did it.")
    opened_at: Time
    due_at: Time
    starts_at: Time | None = Field(description="Agreed with the customer; null: any time.")
    done_at: Time | None
    result: str | None

    @classmethod
    def of(cls, row: Any, subject: str) -> Self:
        """As somebody of the partner's is shown it."""
        same = (
            "id",
            "title",
            "says",
            "results",
            "state",
            "opened_at",
            "due_at",
            "starts_at",
            "done_at",
            "result",
        )
        return cls(owner=_mine(row.owner, subject), **{name: getattr(row, name) for name in same})


class SharedHandOff(BaseModel):
    """A task that is offered to the caller's team, or by it."""

    id: str
    task: str
    title: str
    says: str = Field(description="What to do.")
    summary: str = Field(description="Of people; mail addresses and numbers hidden.")
    next_step: str = Field(description="The same.")
    state: str = Field(description="offered, accepted, declined, expired, withdrawn")
    offered_at: Time
    expires_at: Time
    settled_at: Time | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """As somebody of the partner's is shown it; who answered is not told."""
        same = ("id", "task", "title", "says", "state", "offered_at", "expires_at", "settled_at")
        return cls(
            summary=mask(row.summary),
            next_step=mask(row.next_step),
            **{name: getattr(row, name) for name in same},
        )


def _mine(owner: str | None, subject: str) -> Mine | None:
    if owner is None:
        return None
    return "you" if owner == subject else "your organisation"
