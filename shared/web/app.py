"""The factory of every service's HTTP interface."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from shared import metrics
from shared.clock import Clock, StreamClock
from shared.events.codec import rfc3339
from shared.web import described, problems
from shared.web.counted import Counted
from shared.web.guards.auth import Access, Identified
from shared.web.guards.headers import SecureHeaders
from shared.web.guards.json_text import Utf8Json
from shared.web.guards.limits import RequestLimit
from shared.web.guards.rates import Rates
from shared.web.head import HeadAsGet
from shared.web.observed import Observed
from shared.web.routes import docs, guarded, health

NOTHING: Mapping[Any, Any] = MappingProxyType({})
VERSION = "1"  # of the HTTP interface, as in /v1


def _no_facts() -> Mapping[str, str]:
    return NOTHING


def _shown(clock: Clock, facts: health.Facts) -> Mapping[str, str]:
    kind = "stream" if isinstance(clock, StreamClock) else "wall"
    return {"clock": kind, "now": rfc3339(clock.now()), **facts()}


def create_app(
    service: str,
    routers: Sequence[APIRouter],
    *,
    clock: Clock,
    access: Access,
    ready: health.Ready,
    facts: health.Facts = _no_facts,
    errors: Mapping[type[Exception], int] = NOTHING,
    state: Mapping[str, Any] = NOTHING,
    measure: health.Measure = health.nothing,
    rates: Rates | None = None,
) -> FastAPI:
    """The HTTP interface of a service.

    Args:
        routers: the service's own routes and the shared ones it serves (jobs, topics, ...).
        clock: the service's; its time is shown in /readyz, routes find it as `app.state.clock`.
        access: who may use which route; a route without a line in its table is for nobody.
        ready: sentences about what the service waits for; empty when it can work.
        facts: what /readyz tells besides, e.g. `{"durability": "single"}`.
        errors: HTTP status of each domain error that may leave a route.
        state: further members of `app.state`.
        measure: sets gauges when /metrics is read.
        rates: how many requests somebody may send; left out: as the settings' defaults say.
    """
    app = FastAPI(
        title=f"Playcaller: {service}",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would repeat whatever Host a stranger sent
        **guarded.GUARDED,
        middleware=[
            Middleware(SecureHeaders),
            Middleware(Observed),
            Middleware(RequestLimit),
            Middleware(Identified, access=access, rates=rates or Rates()),
            Middleware(Utf8Json),
            Middleware(HeadAsGet),
        ],
    )
    metrics.INFO.labels(service).set(1)
    own = {"service": service, "clock": clock, "access": access, "counted": Counted()}
    for name, value in {**own, **state}.items():
        setattr(app.state, name, value)

    problems.register(app, errors)
    app.include_router(health.router(service, ready, partial(_shown, clock, facts), measure))
    for router in routers:
        app.router.routes.extend(guarded.routes(router))
    docs.mount(app, service)
    described.mount(app, access.table)
    return app
