"""Long work behind a 202: how far it is, how fast, how long still."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from shared import clock, ids, log
from shared.web.problems import Problem
from shared.web.state import of_state
from shared.web.times import Time

State = Literal["running", "done", "failed", "cancelled"]

FINISHED_KEPT = 100
ERRORS_KEPT = 100
MADE_KEPT = 5  # of the newest jobs that ended, what they made: 100,000 ids are 8 MB
CANCELLED = "somebody cancelled it"

_log = log.get("web.jobs")


class JobError(BaseModel):
    """Why one item was left out."""

    item: int = Field(description="Line or item, counted from 1.")
    error: str


class JobBody(BaseModel):
    """A job as it stands."""

    id: str
    kind: str
    state: State
    done: int = Field(description="Items finished, those left out among them.")
    total: int | None = Field(description="Items in all; null while not known.")
    failed: int = Field(description="Items left out.")
    made: int = Field(0, description="Things that it made anew, as far as it says so.")
    errors: list[JobError] = Field(description=f"The first {ERRORS_KEPT} items left out, and why.")
    problem: str | None = Field(None, description="Why the whole job failed.")
    rate_per_s: float
    remaining_s: float | None
    started_at: Time
    finished_at: Time | None = None
    kept: str = "in this process's memory: gone after a restart, what it did stays"


class Job:
    """One piece of long work; the work itself calls `advance` and `leave_out`.

    Attributes:
        made: ids of what it made, for what may be asked of all of them later.
    """

    def __init__(self, kind: str, total: int | None, now: datetime) -> None:
        self.id = ids.random_id()
        self.kind = kind
        self.state: State = "running"
        self.total = total
        self.done = 0
        self.failed = 0
        self.errors: list[JobError] = []
        self.made: list[str] = []
        self.problem: str | None = None
        self.started_at = now
        self.finished_at: datetime | None = None
        self._began = clock.monotonic()
        self._ended: float | None = None
        self._over = asyncio.Event()

    def advance(self, items: int = 1) -> None:
        """`items` more are finished."""
        self.done += items

    def leave_out(self, item: int, error: str) -> None:
        """One item could not be done; it counts as finished.

        Args:
            item: its line or place, counted from 1.
            error: why, without the item's values.
        """
        self.done += 1
        self.failed += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(JobError(item=item, error=error))

    def end(self, state: State, problem: str | None = None) -> None:
        """It is over."""
        self.state = state
        self.problem = problem
        self._ended = clock.monotonic()
        self.finished_at = clock.wall_now()
        self._over.set()

    async def wait(self) -> None:
        """Until it is over."""
        await self._over.wait()

    def body(self) -> JobBody:
        """How it stands now."""
        rate = self._rate()
        left = None if self.total is None else max(0, self.total - self.done)
        remaining: float | None = None
        if self.state != "running":
            remaining = 0.0
        elif left is not None and rate > 0:
            remaining = round(left / rate, 1)
        return JobBody(
            id=self.id,
            kind=self.kind,
            state=self.state,
            done=self.done,
            total=self.total,
            failed=self.failed,
            made=len(self.made),
            errors=self.errors,
            problem=self.problem,
            rate_per_s=round(rate, 1),
            remaining_s=remaining,
            started_at=self.started_at,
            finished_at=self.finished_at,
        )

    def _rate(self) -> float:
        until = clock.monotonic() if self._ended is None else self._ended
        return self.done / max(until - self._began, 1e-3)


class Jobs:
    """The jobs of this process: all that run, and the last FINISHED_KEPT that ended."""

    def __init__(self, finished_kept: int = FINISHED_KEPT) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._finished_kept = finished_kept

    def start(self, kind: str, total: int | None, work: Callable[[Job], Awaitable[None]]) -> Job:
        """Begin `work` beside the request; it tells its progress to the job it is given."""
        job = Job(kind, total, clock.wall_now())
        self._jobs[job.id] = job
        self._tasks[job.id] = asyncio.create_task(self._run(job, work), name=f"job {kind}")
        return job

    def find(self, id_: str) -> Job:
        """The job of that id.

        Raises: Problem 404: it is not known here (any more).
        """
        job = self._jobs.get(id_)
        if job is None:
            detail = (
                f"Jobs live in the process that runs them; the last {self._finished_kept} are kept."
            )
            raise Problem(404, "unknown_job", "There is no such job here", detail)
        return job

    def all(self) -> list[Job]:
        """Newest first."""
        return list(reversed(self._jobs.values()))

    def cancel(self, id_: str) -> Job:
        """End a job before it is done; what it did stays. One that has ended stays as it is.

        Raises: Problem 404: it is not known here (any more).
        """
        job, task = self.find(id_), self._tasks.get(id_)
        if task is not None:
            job.problem = CANCELLED
            task.cancel()
        return job

    async def stop(self) -> None:
        """Cancel what still runs and wait for it."""
        running = list(self._tasks.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, job: Job, work: Callable[[Job], Awaitable[None]]) -> None:
        try:
            await work(job)
        except asyncio.CancelledError:
            job.end("cancelled", job.problem or "the service stopped; what was done stays")
            raise
        except Problem as problem:
            job.end("failed", str(problem))
        except Exception as error:  # noqa: BLE001 - told to the job's reader and the log
            # the reader learns the kind only: the message may carry values
            _log.exception("a job failed", extra={"job": job.id, "kind": job.kind})
            job.end("failed", f"{type(error).__name__}; it is in the service's log")
        else:
            job.end("done")
        finally:
            del self._tasks[job.id]
            self._forget()

    def _forget(self) -> None:
        ended = [id_ for id_, job in self._jobs.items() if job.state != "running"]
        for id_ in ended[: max(0, len(ended) - self._finished_kept)]:
            del self._jobs[id_]
        for id_ in ended[:-MADE_KEPT]:
            if id_ in self._jobs:
                self._jobs[id_].made = []


Running = Annotated[Jobs, Depends(of_state("jobs"))]
"""A route's argument: the jobs of this process; wiring puts them into the state as `jobs`."""

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


@router.get("")
async def list_jobs(jobs: Running) -> list[JobBody]:
    """The jobs of this process, newest first."""
    return [job.body() for job in jobs.all()]


@router.get("/{id}")
async def read_job(jobs: Running, id_: Annotated[str, Path(alias="id", max_length=64)]) -> JobBody:
    """One job: state, progress, rate and remaining time."""
    return jobs.find(id_).body()
