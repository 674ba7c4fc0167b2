"""The HTTP interface of each service as wired: documented, complete, and one style."""

import importlib
import re

import httpx
import pytest

from services.console.edges.pages.problem import FOR_PROGRAMS
from shared.settings import SERVICES
from shared.web.guards.rights import Table
from shared.web.who import ROLES
from tests.apis import wired
from tests.signed import headers

PERSONAL = "get /v1/personal/{}"  # of those that hold something of customers
EVERYWHERE = {"get /v1/ledger", "get /v1/topics", "get /v1/quarantine"}
ROUTES = {
    "ingest": {
        "post /v1/devices",
        "post /v1/devices/import",
        "get /v1/devices",
        "get /v1/devices/{}",
        "post /v1/devices/{}/claim",
        "post /v1/devices/{}/move",
        "post /v1/devices/{}/retire",
        "post /v1/claims",
        "post /v1/apps",
        "post /v1/apps/import",
        "get /v1/apps/{}",
        "get /v1/rejects",
        "get /v1/rejects/summary",
        "get /v1/rejects/{}",
        "get /v1/jobs/{}",
    },
    "journey": {
        "post /v1/customers",
        "post /v1/customers/import",
        "post /v1/customers/{}/purchases",
        "put /v1/customers/{}/subscription",
        "post /v1/renewals",
        "get /v1/customers",
        "get /v1/customers/{}",
        "get /v1/stages",
        "get /v1/customers/{}/export",
        "post /v1/customers/{}/erasure",
        "get /v1/customers/{}/erasure",
        "get /v1/erasures",
        "get /v1/jobs/{}",
    },
    "support": {
        "get /v1/tickets",
        "get /v1/tickets/{}",
        "get /v1/tickets/{}/history",
        "post /v1/tickets/{}/assign",
        "post /v1/tickets/{}/comment",
        "post /v1/tickets/{}/resolve",
        "get /v1/tickets/summary",
    },
    "analytics": {
        "get /v1/customers/{}/risk",
        "get /v1/customers/{}/days",
        "get /v1/risks",
        "get /v1/risks/summary",
        "get /v1/findings",
    },
}


async def document(name):
    app, engine = wired(name)
    made = app.openapi()
    await engine.dispose()
    return made


def operations(made):
    return {
        (verb, path): each
        for path, verbs in made["paths"].items()
        for verb, each in verbs.items()
        if path.startswith("/v1/")
    }


def plain(path):
    parts = ["{}" if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)


@pytest.mark.parametrize("name", SERVICES)
async def test_every_route_has_a_line_and_every_line_a_route(name):
    """A route that nobody thought about is for nobody; a line that fits no route protects none."""
    made = await document(name)
    served = {f"{verb.upper()} {path}" for path, verbs in made["paths"].items() for verb in verbs}
    lines = Table(importlib.import_module(f"services.{name}.edges.rights").RIGHTS).lines
    assert served - {line.name for line in lines} == set(), "write a line for these"
    hidden = {"GET /metrics"}  # for collectors, not in the document
    if (
        name == "console"
    ):  # pages are for people: tests/console/pages/ compares them with their lines
        hidden |= {line.name for line in lines if not line.route.startswith(FOR_PROGRAMS)}
    assert {line.name for line in lines} - served == hidden, "no such routes"
    for line in lines:
        assert line.open or line.roles, f"{line.name} is for nobody"
        assert not line.open or line.why, f"{line.name} is open: why?"


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVICES)
async def test_every_role_gets_what_its_line_says_and_no_more(name):
    """Every route with every role, and with none: refused exactly where the table says so."""
    app, engine = wired(name)
    lines = Table(importlib.import_module(f"services.{name}.edges.rights").RIGHTS).lines
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    signed = {
        role: headers(role, org="o-1" if role == "partner" else None) for role in ROLES
    }  # fmt: skip
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        for line in lines:
            if line.open:
                continue
            path = re.sub(r"{[^}]+}", "x", line.route)
            stranger = await http.request(line.method, path, json={})
            is_page = line.method == "GET" and not path.startswith(FOR_PROGRAMS)
            assert stranger.status_code == (303 if is_page else 401), line.name
            for role in ROLES:
                if role in line.roles:
                    continue  # what it gets is the matter of the route's own tests
                answer = await http.request(line.method, path, json={}, headers=signed[role])
                assert answer.status_code == 403, f"{line.name} as {role}"
    await engine.dispose()


@pytest.mark.parametrize("name", sorted(ROUTES))
async def test_a_service_serves_its_routes_and_describes_them(name):
    made = await document(name)

    found = operations(made)
    served = {f"{verb} {plain(path)}" for verb, path in found}
    assert (ROUTES[name] | EVERYWHERE | {PERSONAL}) - served == set()
    ids = [each["operationId"] for each in found.values()]
    assert len(ids) == len(set(ids))
    for (verb, path), each in found.items():
        assert each.get("description"), f"{verb} {path} has no sentence"
        problem = each["responses"]["default"]["content"]
        assert "application/problem+json" in problem
    for schema in made["components"]["schemas"].values():
        for field in schema.get("properties", {}):
            assert field == field.lower(), f"{field}: snake_case"
