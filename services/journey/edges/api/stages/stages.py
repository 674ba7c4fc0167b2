"""/v1/stages: the journey map, how many customers are where, and how they move."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.journey.domain.facts.fact import Comparison
from services.journey.domain.stages.journey_map import START
from services.journey.domain.stages.touch_point import TouchPoint
from services.journey.edges.api.stages.show_stages import (
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
from shared.web.counted import Counting

NO_STAGE = "none"  # the word for customers without a stage, in lists

router = APIRouter(prefix="/v1/stages", tags=["stages"])
Last = Annotated[int, Query(ge=1, le=400, description="Days of UTC, with the present one.")]


@router.get("")
async def list_stages(read: Read, counting: Counting) -> list[StageOut]:
    """How many customers are in each stage, in the order of the journey map."""

    async def count() -> dict[str | None, int]:
        async with read() as store:
            return await store.reader.stages()

    kept = await counting.get("stages", count, lambda stages: sum(stages.values()))
    counted = dict(kept)
    shown = [
        StageOut(stage=stage.name, says=stage.says, customers=counted.pop(stage.name, 0))
        for stage in read.rules.journey.stages
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
async def count_by_day(read: Read, counting: Counting, last: Last = 14) -> StageDays:
    """How many customers entered each stage on each of the last days, the oldest first."""
    days = last_days(read.now(), last)

    async def count() -> Mapping[str, Mapping[date, int]]:
        async with read() as store:
            return await store.reader.entered(begin(days[0]))

    entered = await counting.get(
        ("entered", days[0]),
        count,
        lambda stages: sum(sum(by_day.values()) for by_day in stages.values()),
    )
    names = [stage.name for stage in read.rules.journey.stages]
    return StageDays(
        days=list(days), entered={name: list(filled(days, entered.get(name, {}))) for name in names}
    )


@router.get("/flow")
async def read_flow(read: Read, counting: Counting, last: Last = 30) -> Flow:
    """Ways from stage to stage in the last days, and how long customers had been in what they left."""
    since = begin(last_days(read.now(), last)[0])

    async def count() -> Flow:
        async with read() as store:
            ways = await store.reader.flow(since)
            stayed = await store.reader.stayed(since)
        return Flow(
            since=since,
            ways=[
                Way(before=way.previous, stage=way.stage, customers=way.customers) for way in ways
            ],
            stayed={
                name: Stayed(median_s=half, p90_s=most) for name, (half, most) in stayed.items()
            },
        )

    return await counting.get(
        ("flow", since), count, lambda flow: sum(way.customers for way in flow.ways)
    )


@router.get("/map")
async def read_map(read: Read) -> list[MapStage]:
    """The journey map as it is in force: each stage, from where it is entered and when."""
    stages = read.rules.journey.stages
    async with read() as store:
        counted = [row for row in await store.plays.counts() if not row.control]
    order = [START, *(stage.name for stage in stages)]
    return [
        MapStage(
            stage=stage.name,
            says=stage.says,
            before=[name for name in order if name in stage.from_],
            all=[_condition(comparison) for comparison in stage.all],
            any=[_condition(comparison) for comparison in stage.any],
            touch_points=[_touch_point(touch_point, counted) for touch_point in stage.touch_points],
        )
        for stage in stages
    ]


def _touch_point(touch_point: TouchPoint, counted: Sequence[Any]) -> TouchPointOut:
    """With what came of the runs of its play; those compared count nowhere."""
    of_it = [row for row in counted if row.play == touch_point.play]
    ended = [row for row in of_it if row.state == "ended"]
    reached = sum(row.runs for row in ended if row.ending == "reached")
    return TouchPointOut(
        moment=touch_point.moment, channel=touch_point.channel, message=touch_point.message, goal=touch_point.goal, play=touch_point.play,
        gives=touch_point.gives, look_up=list(touch_point.look_up), reached=reached,
        missed=sum(row.runs for row in ended) - reached,
        waiting=sum(row.runs for row in of_it if row.state != "ended"),
    )  # fmt: skip


def _condition(comparison: Comparison) -> Condition:
    return Condition(fact=comparison.fact, op=comparison.op, value=comparison.value)
