"""Jobs: progress a person can follow, errors that name the item, a bounded memory."""

import asyncio
from typing import Any

import httpx

from shared.clock import WallClock
from shared.web.app import create_app
from shared.web.problems import Problem
from shared.web.routes import jobs as jobs_module
from shared.web.routes.jobs import Job, Jobs
from tests.signed import headers, permit


async def ready() -> dict[str, str]:
    return {}


def client(jobs: Jobs) -> httpx.AsyncClient:
    router = jobs_module.router
    app = create_app(
        "x", [router], clock=WallClock(), access=permit(router), ready=ready, state={"jobs": jobs}
    )
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://x", headers=headers("admin")
    )


async def shown(http: httpx.AsyncClient, job: Job) -> dict[str, Any]:
    return dict((await http.get(f"/v1/jobs/{job.id}")).json())


async def ended(job: Job) -> None:
    async with asyncio.timeout(90):
        await job.wait()


async def test_a_job_tells_how_far_it_is_and_how_long_still() -> None:
    half, go_on = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> None:
        job.advance(49)
        job.leave_out(50, "model is empty")
        half.set()
        await go_on.wait()
        job.advance(50)

    jobs = Jobs()
    async with client(jobs) as http:
        job = jobs.start("import devices", 100, work)
        await half.wait()
        middle = await shown(http, job)
        go_on.set()
        await ended(job)
        end = await shown(http, job)

    assert (middle["state"], middle["done"], middle["total"]) == ("running", 50, 100)
    assert middle["rate_per_s"] > 0
    assert middle["remaining_s"] is not None
    assert middle["errors"] == [{"item": 50, "error": "model is empty"}]
    assert (end["state"], end["done"], end["failed"], end["remaining_s"]) == ("done", 100, 1, 0.0)
    assert end["finished_at"].endswith("Z")
    assert "memory" in end["kept"]


async def test_a_failed_job_says_so_without_values() -> None:
    async def bug(job: Job) -> None:
        raise ZeroDivisionError("s3cret")

    async def refuse(job: Job) -> None:
        raise Problem(422, "bad_header", "The header is wrong", "expected id,model")

    jobs = Jobs()
    first, second = jobs.start("a", None, bug), jobs.start("b", None, refuse)
    await ended(first)
    await ended(second)

    assert first.body().state == second.body().state == "failed"
    assert first.body().problem == "ZeroDivisionError; it is in the service's log"
    assert second.body().problem == "The header is wrong: expected id,model"


async def test_finished_jobs_are_forgotten_and_running_ones_are_not() -> None:
    never = asyncio.Event()

    async def wait(job: Job) -> None:
        await never.wait()

    async def nothing(job: Job) -> None:
        job.advance()

    jobs = Jobs(finished_kept=3)
    running = jobs.start("long", None, wait)
    short = [jobs.start("short", 1, nothing) for _ in range(5)]
    for job in short:
        await ended(job)
    async with client(jobs) as http:
        listed = [each["id"] for each in (await http.get("/v1/jobs")).json()]
        gone = await http.get(f"/v1/jobs/{short[0].id}")
    await jobs.stop()

    assert listed == [*(job.id for job in reversed(short[2:])), running.id]
    assert (gone.status_code, gone.json()["title"]) == (404, "There is no such job here")
    assert running.body().state == "cancelled"


async def test_only_the_first_errors_are_kept_but_all_are_counted() -> None:
    async def work(job: Job) -> None:
        for line in range(250):
            job.leave_out(line + 1, "bad")

    jobs = Jobs()
    job = jobs.start("import", 250, work)
    await ended(job)

    assert (job.body().failed, len(job.body().errors)) == (250, 100)
