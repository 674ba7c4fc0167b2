"""Which tickets a request is about: the filters that list, counts and file have in common."""

from datetime import date as Date  # noqa: N812  fields are called so
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.support.domain.tickets.queue import Counts, Wanted
from services.support.domain.tickets.ticket import Origin, Priority
from services.support.edges.api.tickets.views import NO_NUL, Id
from shared.masking import mask
from shared.web.times import Time

Filter = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]
Moment = Time | None
Ids = Annotated[list[Id], Query(alias="id", min_length=1, max_length=500)]
Text = Annotated[str, Query(min_length=1, max_length=200, pattern=NO_NUL)]


async def _wanted(
    state: Literal["open", "resolved"] | None = None,
    origin: Origin | None = None,
    priority: Priority | None = None,
    customer: Filter = None,
    device: Filter = None,
    fault_code: Filter = None,
    assignee: Filter = None,
    team: Filter = None,
    assigned: Annotated[bool | None, Query(description="false: of nobody.")] = None,
    since: Annotated[Moment, Query(alias="from", description="Opened from then on.")] = None,
    until: Annotated[Moment, Query(alias="to", description="Opened before then.")] = None,
    text: Annotated[
        str | None,
        Query(max_length=200, pattern=NO_NUL, description="Beginnings of words of the subject."),
    ] = None,
    ids: Annotated[
        list[Id] | None, Query(alias="id", max_length=500, description="Of these alone.")
    ] = None,
) -> Wanted:
    return Wanted(
        state, origin, priority, customer, device, fault_code, assignee, team, assigned, since,
        until, text, None if ids is None else tuple(ids),
    )  # fmt: skip


Asked = Annotated[Wanted, Depends(_wanted)]


class CountsView(BaseModel):
    """How many tickets there are, together and by kind."""

    tickets: int
    mine: int = Field(description="Of whoever asks.")
    unassigned: int
    origins: dict[str, int]
    priorities: dict[str, int]
    teams: dict[str, int]
    assignees: dict[str, int]

    @classmethod
    def of(cls, counts: Counts) -> "CountsView":
        """Show them."""
        return cls(
            tickets=counts.tickets,
            mine=counts.mine,
            unassigned=counts.unassigned,
            origins=dict(counts.origins),
            priorities=dict(counts.priorities),
            teams=dict(counts.teams),
            assignees={mask(assignee): n for assignee, n in counts.assignees.items()},
        )


class DaysView(BaseModel):
    """Numbers of days of UTC, the oldest first; the last day is not over."""

    days: list[Date]
    opened: list[int] = Field(description="Opened for the first time on each day.")
    resolved: list[int] = Field(description="Resolved on each day, and not opened again since.")


class NeighboursView(BaseModel):
    """What stands beside a ticket in a list."""

    before: str | None = Field(description="The id of the one above it; null: it is the first.")
    after: str | None = Field(description="The id of the one below it; null: it is the last.")
