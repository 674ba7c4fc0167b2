"""Journey: who does the tasks of plays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import or_none
from shared.web.client.client import Peer


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


class Assignees:
    """What pages ask journey about who does tasks."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def teams(self) -> Sequence[Team]:
        """Which teams are there, and whom do they give tasks to?"""
        return (await self._peer.get("/v1/teams", bearer=self._bearer)).read(list[Team])

    async def of_play(self, play: str) -> Of | None:
        """Who does its tasks? None: it was never published."""
        asked = self._peer.get("/v1/plays/{}/assignments", play, bearer=self._bearer)
        return await or_none(asked, Of)

    async def assign(self, play: str, step: str | None, team: str, percent: object) -> None:
        """Give a share of its tasks to a team."""
        body = {"step": step, "team": team, "percent": percent}
        await self._peer.post("/v1/plays/{}/assignments", play, body=body, bearer=self._bearer)

    async def end(self, play: str, id_: str) -> None:
        """Take it back."""
        path = "/v1/plays/{}/assignments/{}/end"
        await self._peer.post(path, play, id_, bearer=self._bearer)

    async def add(self, team: str, who: str, skills: Sequence[str]) -> None:
        """Give somebody tasks of a team."""
        path, body = "/v1/teams/{}/members/{}", {"skills": list(skills)}
        await self._peer.send("PUT", path, team, who, body=body, bearer=self._bearer)

    async def drop(self, team: str, who: str) -> None:
        """Give them no more."""
        path = "/v1/teams/{}/members/{}"
        await self._peer.send("DELETE", path, team, who, bearer=self._bearer)
