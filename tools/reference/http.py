"""The HTTP interface of all services as one page, made from their OpenAPI documents."""

import importlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.settings import SERVICES
from shared.web.routes import health
from shared.web.routes.mounted import shared_routers
from tools.reference.pages import MADE

COMMON = Path(__file__).with_name("http.md")  # what no document says, written by people


def http() -> str:
    """Every route of every service, what it does and what it takes."""
    parts = [_part("Every service", _document([_health(), *shared_routers()]))]
    parts += [_part(service, document(service)) for service in SERVICES]
    body = "\n".join(parts)
    return f"""# HTTP

{MADE} The routes come from the services' OpenAPI documents, the rest from
`tools/reference/http.md`.

Every service documents its own routes: open `/docs` on it, to read and to try, or fetch
`/openapi.json` (OpenAPI 3.1). `./playcaller up` prints the addresses. Who may use a route:
[rights](rights.md).

{COMMON.read_text("utf-8")}
{body}"""


@cache
def document(service: str) -> dict[str, Any]:
    """The OpenAPI document of a service's own routes."""
    routers: Sequence[APIRouter] = importlib.import_module(
        f"services.{service}.edges.rights"
    ).ROUTERS
    return _document(routers)


def _document(routers: Sequence[APIRouter]) -> dict[str, Any]:
    app = FastAPI()
    for router in routers:
        app.include_router(router)
    document: dict[str, Any] = app.openapi()
    return document


def _health() -> APIRouter:
    async def ready() -> dict[str, str]:
        return {}

    return health.router("", ready, dict)


def _part(name: str, openapi: dict[str, Any]) -> str:
    rows = "\n".join(_rows(openapi))
    return f"## {name}\n\n| route | what it does | takes |\n|---|---|---|\n{rows}\n"


def _rows(openapi: dict[str, Any]) -> Iterator[str]:
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            says = operation["description"].partition("\n")[0].replace("|", "\\|")
            takes = " ".join(_takes(operation))
            yield f"| `{method.upper()} {path}` | {says} | {takes} |"


def _takes(operation: dict[str, Any]) -> Iterator[str]:
    """The parameters beside the path's, as a client writes them."""
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "query":
            yield f"`?{name}=`"
        elif parameter["in"] == "header":
            yield f"`{'-'.join(word.capitalize() for word in name.split('-'))}`"
