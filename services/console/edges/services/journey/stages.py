"""Journey: its stages, how customers move between them, the map."""

from datetime import datetime

import msgspec

from services.console.edges.services.client import Client


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


class Stages(Client):
    """What pages ask about stages."""

    async def all(self) -> list[Stage]:
        """How many customers are in each stage, in the order of the journey map?"""
        return await self._read(list[Stage], "/v1/stages")

    async def days(self) -> StageDays:
        """How many entered each stage on each of the last 14 days?"""
        return await self._read(StageDays, "/v1/stages/days")

    async def flow(self, last: int) -> Flow:
        """How did customers move in the last days?"""
        return await self._read(Flow, "/v1/stages/flow", params={"last": last})

    async def map(self) -> list[MapStage]:
        """What is the journey map, as it is in force?"""
        return await self._read(list[MapStage], "/v1/stages/map")
