"""/livez, /readyz and /metrics: is the process alive, can it work, what does it count."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from shared import clock, metrics

Ready = Callable[[], Awaitable[Mapping[str, str]]]
Facts = Callable[[], Mapping[str, str]]


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


@dataclass(frozen=True)
class _Wait:
    since: float
    where: str


class Waiting:
    """Which servers the process waits for, and since when. Call it to get the sentences.

    >>> waiting = Waiting()
    >>> waiting.begin("kafka", "Kafka at 127.0.0.1:9092")
    >>> waiting.sentences()
    {'kafka': 'waiting for Kafka at 127.0.0.1:9092 for 0 s'}
    >>> waiting.end("kafka")
    0.0
    >>> waiting.sentences()
    {}
    """

    def __init__(self, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._monotonic = monotonic
        self._waits: dict[str, _Wait] = {}

    def begin(self, server: str, where: str) -> None:
        """We wait for `server` from now on; a second call changes nothing."""
        self._waits.setdefault(server, _Wait(self._monotonic(), where))

    def end(self, server: str) -> float:
        """It is there. Returns: seconds waited, 0 when we did not wait."""
        wait = self._waits.pop(server, None)
        return 0.0 if wait is None else round(self._monotonic() - wait.since, 1)

    def sentences(self) -> dict[str, str]:
        """One plain sentence per server."""
        now = self._monotonic()
        return {
            server: f"waiting for {wait.where} for {now - wait.since:.0f} s"
            for server, wait in self._waits.items()
        }

    async def __call__(self) -> Mapping[str, str]:
        """The sentences, in the shape `create_app(ready=...)` takes."""
        return self.sentences()


def router(service: str, ready: Ready, facts: Facts) -> APIRouter:
    """The three routes.

    Args:
        ready: what is awaited, a sentence per server; empty when nothing is.
        facts: what an operator should see beside it, e.g. `durability`.
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
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return made
