"""/livez, /readyz and /metrics: is the process alive, can it work, what does it count."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared import log, metrics
from shared.clock import monotonic

T = TypeVar("T")
Ready = Callable[[], Awaitable[Mapping[str, str]]]
Facts = Callable[[], Mapping[str, str]]
Measure = Callable[[], Awaitable[None]]

MEASURE_S = 3.0  # a scraper usually waits 10 s
KEPT_S = 1.0  # an answer is made once a second, however many ask

_log = log.get("web")


class Alive(BaseModel):
    """The process answers."""

    service: str
    state: str = "alive"


class Readiness(BaseModel):
    """Whether the service can work, and what it waits for."""

    service: str
    state: str
    waiting: dict[str, str]
    facts: dict[str, str]


class _Kept(Generic[T]):
    """What was made last, for everybody who asks within a second."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make = make
        self._made: T | None = None
        self._until = 0.0
        self._making = asyncio.Lock()

    async def get(self) -> T:
        """It; one makes it, the others wait for that."""
        async with self._making:
            if self._made is None or monotonic() >= self._until:
                self._made = await self._make()
                self._until = monotonic() + KEPT_S
            return self._made


async def nothing() -> None:
    """No gauges to measure."""


def router(service: str, ready: Ready, facts: Facts, measure: Measure = nothing) -> APIRouter:
    """The three routes.

    Args:
        ready: what is awaited, a sentence per server; empty when nothing is.
        facts: what an operator should see beside it, e.g. `durability`.
        measure: sets gauges that are measured when somebody asks; what it raises is left out.
    """
    api = APIRouter(tags=["health"])

    async def readiness() -> Readiness:
        waiting = dict(await ready())
        state = "waiting" if waiting else "ready"
        return Readiness(service=service, state=state, waiting=waiting, facts=dict(facts()))

    async def counted() -> bytes:
        try:
            async with asyncio.timeout(MEASURE_S):
                await measure()
        except Exception as error:  # noqa: BLE001 - the other metrics are wanted most just then
            _log.warning("a gauge could not be measured", extra={"error": type(error).__name__})
        return generate_latest(metrics.REGISTRY)

    readied, scraped = _Kept(readiness), _Kept(counted)

    @api.get("/livez", responses={503: {"model": Alive}})
    async def livez(request: Request) -> JSONResponse:
        """200: the process answers. 503: it is stuck, though its servers answer: start another."""
        is_stuck = getattr(request.app.state, "is_stuck", None)
        stuck = is_stuck is not None and is_stuck()
        body = Alive(service=service, state="stuck" if stuck else "alive")
        return JSONResponse(body.model_dump(), 503 if stuck else 200)

    @api.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz() -> JSONResponse:
        """200 when the service can work, else 503 with the server it waits for."""
        body = await readied.get()
        return JSONResponse(body.model_dump(), 503 if body.waiting else 200)

    @api.get("/metrics", include_in_schema=False)
    async def metrics_() -> Response:
        """All metrics in the Prometheus text format."""
        return Response(await scraped.get(), media_type=CONTENT_TYPE_LATEST)

    return api
