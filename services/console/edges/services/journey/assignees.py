"""Journey: who does the tasks of plays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.client import Client


class Member(msgspec.Struct, frozen=True):
    """Somebody who is given tasks of a team."""

    who: str
    skills: list[str]
    open: int


class Team(msgspec.Struct, frozen=True):
    """A team; `owner`: how its tasks get one."""

    team: str
    organisation: str | None
    owner: Literal["nobody", "round_robin", "load", "skill", "csm"]
    skills: list[str]
    members: list[Member]


class TaskStep(msgspec.Struct, frozen=True):
    """A step that asks a team for something."""

    step: str
    team: str


class Assignment(msgspec.Struct, frozen=True):
    """A share of the tasks that another team does; `step` None: of the whole play."""

    id: str
    step: str | None
    team: str
    percent: int
    begun_at: datetime
    begun_by: str
    ended_at: datetime | None
    ended_by: str | None


class Of(msgspec.Struct, frozen=True):
    """Who does the tasks of a play, and who did."""

    steps: list[TaskStep]
    assignments: list[Assignment]


class Assignees(Client):
    """What pages ask journey about who does tasks."""

    async def teams(self) -> Sequence[Team]:
        """Which teams are there, and whom do they give tasks to?"""
        return await self._read(list[Team], "/v1/teams")

    async def of_play(self, play: str) -> Of | None:
        """Who does its tasks? None: it was never published."""
        return await self._known(Of, "/v1/plays/{}/assignments", play)

    async def assign(self, play: str, step: str | None, team: str, percent: object) -> None:
        """Give a share of its tasks to a team."""
        body = {"step": step, "team": team, "percent": percent}
        await self._post("/v1/plays/{}/assignments", play, body=body)

    async def end(self, play: str, id_: str) -> None:
        """Take it back."""
        await self._post("/v1/plays/{}/assignments/{}/end", play, id_)

    async def add(self, team: str, who: str, skills: Sequence[str]) -> None:
        """Give somebody tasks of a team."""
        path, body = "/v1/teams/{}/members/{}", {"skills": list(skills)}
        await self._send("PUT", path, team, who, body=body)

    async def drop(self, team: str, who: str) -> None:
        """Give them no more."""
        await self._send("DELETE", "/v1/teams/{}/members/{}", team, who)
