"""`/journey`: how customers move between stages, how long they stay, and the map they move on."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.stages.sankey import sankey
from services.console.edges.pages import panels
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.journey.stages import Flow, MapStage, Stayed

router = APIRouter(include_in_schema=False)
SPANS = ("7", "30", "90", "365")  # days
NEW = "start"  # of who had no stage before


@dataclass(frozen=True, slots=True)
class Row:
    """A stage with what happened there.

    Attributes:
        ended: how many of those who left went to the last stage of the map.
    """

    stage: str
    says: str
    customers: int
    entered: int
    left: int
    ended: int
    stayed: Stayed | None


def _last(view: View) -> int:
    asked = view.request.query_params.get("last", "")
    return int(asked if asked in SPANS else SPANS[1])


async def _flow(view: View) -> Mapping[str, Any]:
    flow, known = await asyncio.gather(view.ask.stages.flow(_last(view)), view.ask.stages.map())
    ways = [(way.before or NEW, way.stage, way.customers) for way in flow.ways]
    picture = sankey(ways, [NEW, *(map_stage.stage for map_stage in known)])
    return {"picture": picture, "since": flow.since}


async def _stages(view: View) -> Mapping[str, Any]:
    flow, known, stages = await asyncio.gather(
        view.ask.stages.flow(_last(view)), view.ask.stages.map(), view.ask.stages.all()
    )
    many = {stage_now.stage: stage_now.customers for stage_now in stages}
    return {"rows": _rows(flow, known, many), "end": known[-1].stage}


def _rows(flow: Flow, known: Sequence[MapStage], many: Mapping[str, int]) -> Sequence[Row]:
    entered, left, ended = Counter[str](), Counter[str](), Counter[str]()
    for way in flow.ways:
        entered[way.stage] += way.customers
        if way.before is not None:
            left[way.before] += way.customers
            ended[way.before] += way.customers if way.stage == known[-1].stage else 0
    return [
        Row(
            map_stage.stage, map_stage.says, many.get(map_stage.stage, 0), entered[map_stage.stage], left[map_stage.stage],
            ended[map_stage.stage], flow.stayed.get(map_stage.stage),
        )
        for map_stage in known
    ]  # fmt: skip


async def _map(view: View) -> Mapping[str, Any]:
    return {"map": await view.ask.stages.map()}


PANELS = (
    Panel("flow", "journey.flow", "_journey_flow.html", _flow),
    Panel("stages", "journey.stages", "_journey_stages.html", _stages),
    Panel("map", "journey.map", "_journey_map.html", _map),
)


@router.get("/journey")
async def read_journey(view: Viewing) -> Response:
    """How customers move."""
    shown = await panels.shown(view, PANELS)
    return view.page("journey.html", panels=shown, spans=SPANS, last=str(_last(view)))


panels.serve(router, "/journey", PANELS)
