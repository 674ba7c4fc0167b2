"""`/on-call`: is all well, what is behind, what was refused, set aside or never came."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import panels
from services.console.edges.pages.on_call.deliveries import load_kept
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.watching import Reading, Watching
from shared.errors import TryLater
from shared.events.topics import TOPICS
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"oncall", "admin"})
LAST = 10  # refusals of the broker that are shown
REASONS = 8  # for which most was refused
READERS = ("journey", "support", "analytics")  # they count what sources tell
T = TypeVar("T")


async def each(
    view: View, ask: Callable[[Watching], Awaitable[T]], names: tuple[str, ...] | None = None
) -> dict[str, T | None]:
    """What every service answers; None: it does not."""

    async def one(watching: Watching) -> T | None:
        try:
            return await ask(watching)
        except (TryLater, Refused):
            return None

    asked = {n: w for n, w in view.ask.watching.items() if names is None or n in names}
    answers = await asyncio.gather(*(one(watching) for watching in asked.values()))
    return dict(zip(asked, answers, strict=True))


async def _health(view: View) -> Mapping[str, Any]:
    return {"services": await each(view, lambda watching: watching.ready())}


async def _topics(view: View) -> Mapping[str, Any]:
    readings_by_service = await each(view, lambda watching: watching.readings())
    known: dict[tuple[str, str | None], Reading] = {
        (reading.topic, reading.group): reading
        for readings in readings_by_service.values()
        for reading in (readings.topics if readings else ())
    }
    groups = {topic.name: [(n, known.get((topic.name, n))) for n in topic.consumers] for topic in TOPICS}  # fmt: skip
    away = [name for name, readings in readings_by_service.items() if readings is None]
    at = min(
        (readings.sampled_at for readings in readings_by_service.values() if readings), default=None
    )
    return {"topics": TOPICS, "groups": groups, "away": away, "at": at}


async def _rejects(view: View) -> Mapping[str, Any]:
    ingest = view.ask.ingest
    reasons, sources = await asyncio.gather(ingest.rejects_by_reason(), ingest.rejects_by_source())
    most = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return {"reasons": most[:REASONS], "others": len(most) - REASONS, "sources": sources}


async def _quarantine(view: View) -> Mapping[str, Any]:
    set_aside = await each(view, lambda watching: watching.aside({}))
    causes = [(name, group) for name, aside in set_aside.items() if aside for group in aside.groups]
    causes.sort(key=lambda cause: (-cause[1].last_hour, cause[1].oldest_at))
    return {"causes": causes, "away": [name for name, aside in set_aside.items() if aside is None]}


async def _broker(view: View) -> Mapping[str, Any]:
    broker = await view.ask.ingest.broker()
    counts = sorted(broker.counts.items(), key=lambda item: (-item[1], item[0]))
    return {"broker": broker, "counts": counts, "last": broker.last[:LAST]}


async def load_gaps(view: View, source: str | None = None) -> Mapping[str, Any]:
    """Numbers that services never got: the most first, or those of one source."""
    gaps_by_service = await each(view, lambda watching: watching.gaps(source), READERS)
    rows = [(name, gap) for name, gaps in gaps_by_service.items() for gap in gaps or ()]
    rows.sort(key=lambda row: (-row[1].missing, row[1].source, row[0]))
    return {
        "gaps": rows[:50],
        "away": [name for name, gaps in gaps_by_service.items() if gaps is None],
    }


PANELS = (
    Panel("health", "on_call.health", "_on_call_health.html", _health),
    Panel("quarantine", "on_call.quarantine", "_on_call_quarantine.html", _quarantine),
    Panel("deliveries", "on_call.deliveries", "_on_call_deliveries.html", load_kept),
    Panel("topics", "on_call.topics", "_on_call_topics.html", _topics),
    Panel("rejects", "on_call.rejects", "_on_call_rejects.html", _rejects),
    Panel("broker", "on_call.broker", "_on_call_broker.html", _broker),
    Panel("gaps", "on_call.gaps", "_on_call_gaps.html", load_gaps),
)


@router.get("/on-call")
async def read_on_call(view: Viewing) -> Response:
    """Everything at a glance; each panel leads on."""
    return view.page("on_call.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/on-call", PANELS)
