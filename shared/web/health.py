"""/livez, /readyz and /metrics: is the process alive, can it work, what does it count."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared import log, metrics

Ready = Callable[[], Awaitable[Mapping[str, str]]]
Facts = Callable[[], Mapping[str, str]]
Measure = Callable[[], Awaitable[None]]

MEASURE_S = 3.0  # a scraper usually waits 10 s

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


async def nothing() -> None:
    """No gauges to measure."""


def router(service: str, ready: Ready, facts: Facts, measure: Measure = nothing) -> APIRouter:
    """The three routes.

    Args:
        ready: what is awaited, a sentence per server; empty when nothing is.
        facts: what an operator should see beside it, e.g. `durability`.
        measure: sets gauges that are measured when somebody asks; what it raises is left out.
    """
    made = APIRouter(tags=["health"])

    @made.get("/livez")
    async def livez() -> Alive:
        """The process answers; says nothing of its servers."""
        return Alive(service=service)

    @made.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz() -> JSONResponse:
        """200 when the service can work, else 503 with the server it waits for."""
        waiting = dict(await ready())
        state = "waiting" if waiting else "ready"
        body = Readiness(service=service, state=state, waiting=waiting, facts=dict(facts()))
        return JSONResponse(body.model_dump(), 503 if waiting else 200)

    @made.get("/metrics", include_in_schema=False)
    async def metrics_() -> Response:
        """All metrics in the Prometheus text format."""
        try:
            async with asyncio.timeout(MEASURE_S):
                await measure()
        except Exception as error:  # noqa: BLE001 - the other metrics are wanted most just then
            _log.warning("a gauge could not be measured", extra={"error": type(error).__name__})
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return made
