"""/v1/stages: the journey map, how many customers are where, and how they move."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.journey.domain.facts.fact import Comparison
from services.journey.domain.stages.journey_map import START
from services.journey.domain.stages.touch_point import TouchPoint
from services.journey.edges.api.models import (
    Condition,
    Flow,
    MapStage,
    StageDays,
    StageOut,
    Stayed,
    TouchPointOut,
    Way,
)
from services.journey.edges.api.units import Read
from shared.utc_days import begin, filled, last_days

NO_STAGE = "none"  # the word for customers without a stage, in lists

router = APIRouter(prefix="/v1/stages", tags=["stages"])
Last = Annotated[int, Query(ge=1, le=400, description="Days of UTC, with the present one.")]


@router.get("")
async def list_stages(read: Read) -> list[StageOut]:
    """How many customers are in each stage, in the order of the journey map."""
    async with read() as store:
        counted = await store.reader.stages()
    shown = [
        StageOut(stage=one.name, says=one.says, customers=counted.pop(one.name, 0))
        for one in read.rules.journey.stages
    ]
    without = counted.pop(None, 0)
    says = {
        **dict.fromkeys(counted, "Not in the journey map any more."),
        NO_STAGE: "No stage yet.",
    }
    rest = {**counted, NO_STAGE: without}
    shown += [
        StageOut(stage=str(name), says=says[name], customers=count)
        for name, count in rest.items()
        if count
    ]
    return shown


@router.get("/days")
async def count_by_day(read: Read, last: Last = 14) -> StageDays:
    """How many customers entered each stage on each of the last days, the oldest first."""
    days = last_days(read.now(), last)
    async with read() as store:
        found = await store.reader.entered(begin(days[0]))
    names = [each.name for each in read.rules.journey.stages]
    return StageDays(
        days=list(days), entered={name: list(filled(days, found.get(name, {}))) for name in names}
    )


@router.get("/flow")
async def read_flow(read: Read, last: Last = 30) -> Flow:
    """Ways from stage to stage in the last days, and how long customers had been in what they left."""
    days = last_days(read.now(), last)
    async with read() as store:
        ways = await store.reader.flow(begin(days[0]))
        stayed = await store.reader.stayed(begin(days[0]))
    return Flow(
        since=begin(days[0]),
        ways=[Way(before=one.previous, stage=one.stage, customers=one.customers) for one in ways],
        stayed={name: Stayed(median_s=half, p90_s=most) for name, (half, most) in stayed.items()},
    )


@router.get("/map")
async def read_map(read: Read) -> list[MapStage]:
    """The journey map as it is in force: each stage, from where it is entered and when."""
    stages = read.rules.journey.stages
    async with read() as store:
        counted = [one for one in await store.plays.counts() if not one.control]
    order = [START, *(each.name for each in stages)]
    return [
        MapStage(
            stage=one.name,
            says=one.says,
            before=[name for name in order if name in one.from_],
            all=[_condition(each) for each in one.all],
            any=[_condition(each) for each in one.any],
            touch_points=[_touch_point(each, counted) for each in one.touch_points],
        )
        for one in stages
    ]


def _touch_point(one: TouchPoint, counted: Sequence[Any]) -> TouchPointOut:
    """With what came of the runs of its play; those compared count nowhere."""
    of_it = [row for row in counted if row.play == one.play]
    ended = [row for row in of_it if row.state == "ended"]
    reached = sum(row.runs for row in ended if row.ending == "reached")
    return TouchPointOut(
        moment=one.moment, channel=one.channel, message=one.message, goal=one.goal, play=one.play,
        gives=one.gives, look_up=list(one.look_up), reached=reached,
        missed=sum(row.runs for row in ended) - reached,
        waiting=sum(row.runs for row in of_it if row.state != "ended"),
    )  # fmt: skip


def _condition(one: Comparison) -> Condition:
    return Condition(fact=one.fact, op=one.op, value=one.value)
