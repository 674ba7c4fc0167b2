"""What a service's wiring hands over to the process that runs it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.clock import Clock
from shared.stream.apply import Handle
from shared.stream.erasure import Erase
from shared.stream.timers import Timer
from shared.web.guards.auth import Identify, Keys
from shared.web.guards.rights import Right


def _nothing() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Service:
    """What a service's wiring hands over.

    Attributes:
        handlers: by topic, in the order in which topics are handled within a round.
        erase: forgets customers; every service that reads topics has one.
        erasure_done: takes what the others answer; journey's.
        timers: fire what is due, a batch a call.
        rights: who may use the routes; one without a line is for nobody.
        identify: how who asks is found out, where it is not by token alone.
        at_start: done before anything else, once the database is at its newest revision, each until
            PostgreSQL lets it; `BadSettings` stops the start.
        at_end: done last, when nothing is served any more.
        tasks: run until cancelled; one that ends or fails ends the process.
        beside: given the application; serves it at a second address until cancelled.
        errors: HTTP status of domain errors.
        state: what routes find under `request.app.state`, beside `engine` and `clock`.
        waiting: sentences about what the service waits for, beside Kafka and PostgreSQL.
        facts: what /readyz tells besides.
    """

    name: str
    engine: AsyncEngine
    clock: Clock
    handlers: Mapping[str, Handle]
    erase: Erase | None = None
    erasure_done: Handle | None = None
    timers: Sequence[Timer] = ()
    routers: Sequence[APIRouter] = ()
    rights: Sequence[Right] = ()
    identify: Callable[[Keys], Identify] | None = None
    at_start: Sequence[Callable[[], Awaitable[object]]] = ()
    at_end: Sequence[Callable[[], Awaitable[object]]] = ()
    tasks: Sequence[Callable[[], Awaitable[None]]] = ()
    beside: Callable[[Any], Awaitable[None]] | None = None
    errors: Mapping[type[Exception], int] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    waiting: Callable[[], Mapping[str, str]] = _nothing
    facts: Callable[[], Mapping[str, str]] = _nothing
