"""`/jobs`: long work of the services, and erasures, as they stand."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import names
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.erasures import Erasure
from services.console.edges.services.long_work import Job
from shared.errors import TryLater
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
KEEPERS: frozenset[Role] = frozenset({"oncall", "admin"})
ROLES: frozenset[Role] = KEEPERS | {"product"}  # who registers devices
WITH_JOBS = ("ingest", "journey")


async def _found(view: View) -> tuple[list[tuple[str, Job]], list[str]]:
    """Jobs of every service that has any, the newest first, and who does not answer."""
    services = WITH_JOBS if view.has(*KEEPERS) else WITH_JOBS[:1]
    asked = [view.ask.long_work[name].jobs() for name in services]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    rows, away = [], []
    for name, jobs in zip(services, answers, strict=True):
        if isinstance(jobs, TryLater | Refused):
            away.append(name)
        elif isinstance(jobs, BaseException):
            raise jobs
        else:
            rows += [(name, job) for job in jobs]
    rows.sort(key=lambda row: row[1].started_at, reverse=True)
    return rows, away


async def _jobs(view: View) -> Mapping[str, Any]:
    rows, away = await _found(view)
    running = any(job.state == "running" for _, job in rows)
    return {"jobs": rows, "away": away, "running": running}


WORK = ("service", "id", "kind", "state", "done", "failed", "total", "started_at", "problem")
ERASED = ("customer", "state", "asked_at", "asked_by", "reason")


async def _work(view: View, _: str | None) -> Found[tuple[str, Job]]:
    return Found((await _found(view))[0])


def _work_row(row: tuple[str, Job]) -> Sequence[Value]:
    name, job = row
    return [name, *(getattr(job, column) for column in WORK[1:])]


async def _erased(view: View, after: str | None) -> Found[Erasure]:
    return await view.ask.erasures.some(after)


FILES = (
    File("jobs", WORK, _work, _work_row),
    File("erasures", ERASED, _erased, roles=KEEPERS),
)


async def _erasures(view: View) -> Mapping[str, Any]:
    """The newest page of those who were erased; those that are not complete say who is missing."""
    listed = await view.ask.erasures.some(view.request.query_params.get("after"))
    people = await names(view, (erasure.asked_by for erasure in listed.items))
    more = f"/jobs?after={listed.next}" if listed.next else ""
    return {"erasures": listed.items, "people": people, "more": more}


PANELS = (
    Panel("work", "jobs.work", "_jobs.html", _jobs),
    Panel("erasures", "jobs.erasures", "_erasures.html", _erasures, KEEPERS),
)


@router.get("/jobs")
async def read_jobs(view: Viewing) -> Response:
    """What runs, what has ended, and who is being forgotten."""
    return view.page("jobs.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/jobs", PANELS)
files.serve(router, "/jobs", FILES)
