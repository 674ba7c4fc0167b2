"""`/jobs`: long work of the services, and erasures, as they stand."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import panels
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import names
from services.console.edges.pages.view import View, Viewing
from shared.errors import TryLater
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"oncall", "admin"})
WITH_JOBS = ("ingest", "journey")


async def _jobs(view: View) -> Mapping[str, Any]:
    """Of every service that has any; the newest first."""
    asked = [view.ask.long_work[name].jobs() for name in WITH_JOBS]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    rows, away = [], []
    for name, jobs in zip(WITH_JOBS, answers, strict=True):
        if isinstance(jobs, TryLater | Refused):
            away.append(name)
        elif isinstance(jobs, BaseException):
            raise jobs
        else:
            rows += [(name, job) for job in jobs]
    rows.sort(key=lambda row: row[1].started_at, reverse=True)
    running = any(job.state == "running" for _, job in rows)
    return {"jobs": rows, "away": away, "running": running}


async def _erasures(view: View) -> Mapping[str, Any]:
    """The newest page of those who were erased; those that are not complete say who is missing."""
    listed = await view.ask.journey.erasures(view.request.query_params.get("after"))
    people = await names(view, (erasure.asked_by for erasure in listed.items))
    more = f"/jobs?after={listed.next}" if listed.next else ""
    return {"erasures": listed.items, "people": people, "more": more}


PANELS = (
    Panel("work", "jobs.work", "_jobs.html", _jobs),
    Panel("erasures", "jobs.erasures", "_erasures.html", _erasures),
)


@router.get("/jobs")
async def read_jobs(view: Viewing) -> Response:
    """What runs, what has ended, and who is being forgotten."""
    return view.page("jobs.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/jobs", PANELS)
