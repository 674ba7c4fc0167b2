"""Journey: what a play would have been, over customers' known past."""

from datetime import date, datetime
from typing import Literal

import msgspec

from services.console.edges.services.client import Client


class Work(msgspec.Struct, frozen=True):
    """How far a rehearsal is."""

    id: str
    state: Literal["running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    problem: str | None
    remaining_s: float | None
    started_at: datetime


class Day(msgspec.Struct, frozen=True):
    """One day."""

    day: date
    entered: int
    messages: dict[str, int]
    tasks: dict[str, int]


class Step(msgspec.Struct, frozen=True):
    """One step."""

    step: str
    says: str
    kind: str
    begun: int
    outcomes: dict[str, int]


class Verdict(msgspec.Struct, frozen=True):
    """Messages about which this was decided last."""

    verdict: str
    why: str
    messages: int


class Team(msgspec.Struct, frozen=True):
    """What a team would have had to do."""

    team: str
    tasks: int
    done: int
    hours: float | None
    busiest_day: date
    busiest_hours: float | None
    hours_a_day: float | None
    days_over: int | None


class Line(msgspec.Struct, frozen=True):
    """One line of a way."""

    at: datetime
    what: str
    step: str | None
    why: str


class Way(msgspec.Struct, frozen=True):
    """A way through the play, with one customer who would have gone it."""

    customers: int
    customer: str
    lines: list[Line]


class Entered(msgspec.Struct, frozen=True):
    """Somebody who would have entered."""

    customer: str
    entered_at: datetime
    ending: str


class ComeTo(msgspec.Struct, frozen=True):
    """What a version comes to."""

    version: int
    entered: int
    ended: dict[str, int]
    messages: int
    tasks: int


class Result(msgspec.Struct, frozen=True):
    """What came of it."""

    begin: datetime
    until: datetime
    customers: int
    compared: int
    in_flight: int
    parked: int
    this: ComeTo
    published: ComeTo | None
    days: list[Day]
    steps: list[Step]
    verdicts: list[Verdict]
    held: dict[str, int]
    caps: dict[str, int]
    teams: list[Team]
    spread_evenly: list[str]
    not_lived: list[str]
    left_out: dict[str, int]
    paths: list[Way]
    who: list[Entered]


class Rehearsal(msgspec.Struct, frozen=True):
    """One rehearsal."""

    play: str
    history_days: int
    unpublished: bool
    job: Work
    result: Result | None


class Started(msgspec.Struct, frozen=True):
    """It runs."""

    job: str


class Rehearsals(Client):
    """What pages ask journey about rehearsals."""

    async def begin(self, play: str, days: int, *, draft: bool = False) -> str:
        """Rehearse what is played now, or the draft; the id it is asked for by."""
        path, body = "/v1/plays/{}/rehearsals", {"history_days": days, "draft": draft}
        return (await self._post(path, play, body=body)).read(Started).job

    async def of(self, play: str) -> list[Rehearsal]:
        """Which were there, the newest first?"""
        return await self._read(list[Rehearsal], "/v1/plays/{}/rehearsals", play)

    async def one(self, id_: str) -> Rehearsal | None:
        """How far is it, and what came of it? None: it is forgotten."""
        return await self._known(Rehearsal, "/v1/rehearsals/{}", id_)

    async def cancel(self, id_: str) -> None:
        """End it before it is done."""
        await self._post("/v1/rehearsals/{}/cancel", id_, body=None)
