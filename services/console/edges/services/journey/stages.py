"""Journey: its stages, how customers move between them, the map."""

from datetime import datetime

import msgspec

from shared.web.client.client import Peer


class Stage(msgspec.Struct, frozen=True):
    """One stage of the journey map, and how many customers are in it."""

    stage: str
    says: str
    customers: int


class Way(msgspec.Struct, frozen=True):
    """How many went from one stage to another; `before` None: it was their first."""

    before: str | None
    stage: str
    customers: int


class Stayed(msgspec.Struct, frozen=True):
    """How long customers were in a stage that they have left."""

    median_s: float
    p90_s: float


class Flow(msgspec.Struct, frozen=True):
    """How customers moved between stages since a moment."""

    since: datetime
    ways: list[Way]
    stayed: dict[str, Stayed]


class Condition(msgspec.Struct, frozen=True):
    """A fact compared with a value."""

    fact: str
    op: str
    value: bool | int | float | str


class TouchPoint(msgspec.Struct, frozen=True):
    """A contact with customers in a stage, and what came of it."""

    moment: str
    channel: str
    message: str
    goal: str | None
    play: str | None
    gives: str | None
    look_up: list[str]
    reached: int
    missed: int
    waiting: int


class MapStage(msgspec.Struct, frozen=True):
    """A stage of the journey map: from where it is entered, and when."""

    stage: str
    says: str
    before: list[str]
    all: list[Condition]
    any: list[Condition]
    touch_points: list[TouchPoint] = []


class StageDays(msgspec.Struct, frozen=True):
    """How many customers entered each stage on days of UTC, the oldest first."""

    entered: dict[str, list[int]]


class Stages:
    """What pages ask about stages."""

    def __init__(self, peer: Peer, bearer: str) -> None:
        self._peer = peer
        self._bearer = bearer

    async def all(self) -> list[Stage]:
        """How many customers are in each stage, in the order of the journey map?"""
        answer = await self._peer.get("/v1/stages", bearer=self._bearer)
        return answer.read(list[Stage])

    async def days(self) -> StageDays:
        """How many entered each stage on each of the last 14 days?"""
        answer = await self._peer.get("/v1/stages/days", bearer=self._bearer)
        return answer.read(StageDays)

    async def flow(self, last: int) -> Flow:
        """How did customers move in the last days?"""
        params = {"last": last}
        answer = await self._peer.get("/v1/stages/flow", bearer=self._bearer, params=params)
        return answer.read(Flow)

    async def map(self) -> list[MapStage]:
        """What is the journey map, as it is in force?"""
        answer = await self._peer.get("/v1/stages/map", bearer=self._bearer)
        return answer.read(list[MapStage])
