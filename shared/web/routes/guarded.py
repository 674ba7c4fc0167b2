"""Routes behind the guard, built once a process."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends
from starlette.routing import BaseRoute

from shared.web import problems
from shared.web.guards.auth import permitted

GUARDED: Mapping[str, Any] = {
    "responses": problems.RESPONSES,
    "dependencies": [Depends(permitted)],
}

_built: dict[
    int, list[BaseRoute]
] = {}  # by id: a router has no hash; what it is built into keeps it


def routes(router: APIRouter) -> list[BaseRoute]:
    """Those of a module's router, as an application takes them.

    What an application includes itself, FastAPI builds anew for every application: 0.2 s for the routes of a
    service, which was a third of what tests of routes cost.
    """
    if id(router) not in _built:
        behind = APIRouter(**GUARDED)
        behind.include_router(router)
        _built[id(router)] = behind.routes
    return _built[id(router)]
