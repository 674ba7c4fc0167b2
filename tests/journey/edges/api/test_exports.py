"""Everything about a customer as one file: of all services, or not at all."""

import httpx
import pytest

from services.journey.edges.api import exports
from services.journey.edges.everything import Everything
from services.journey.edges.others import NoServices, OtherServices
from services.journey.edges.rights import RIGHTS
from services.journey.store.store import Store
from services.journey.wiring import STATUS
from shared.db.audit_rows import Filter, newest
from shared.errors import TryLater
from shared.web.app import create_app
from shared.web.client.answered import Refused
from tests.journey.conftest import RULES
from tests.signed import access, headers
from tests.units import units

pytestmark = pytest.mark.servers

NEW = {
    "id": "c-1",
    "profile": {"name": "Ana Lind", "email": "ana@example.org", "address": "Sea Lane 1"},
    "subscription": {"plan": "plus", "started_at": "2026-01-01T00:00:00Z"},
    "purchases": [{"product": "cam", "at": "2026-01-01T09:00:00Z"}],
}
NAMES = ("ingest", "support", "analytics")


class Others:
    """The other services, as whoever asks them finds them."""

    def __init__(self):
        self.asked, self.away, self.odd = [], set(), {}
        self.peers = [Other(self, name) for name in NAMES]


class Other:
    """One of them."""

    def __init__(self, others, name):
        self.others, self.name = others, name

    async def get(self, path, *values):
        self.others.asked.append(self.name + path.format(*values))
        if self.name in self.others.away:
            raise TryLater(f"{self.name} did not answer")
        body = self.others.odd.get(self.name, {"service": self.name, "holds": {"of": self.name}})
        if body is None:
            raise Refused(self.name, 404, {"title": "Not Found"}, "")
        return httpx.Response(200, json=body)


@pytest.fixture
def others():
    return Others()


@pytest.fixture
def served(engine, clock):
    """`served(parts)` gives a client of the exports."""

    async def ready():
        return {}

    def make(parts):
        app = create_app(
            "journey",
            [exports.router],
            clock=clock,
            access=access(*RIGHTS),
            ready=ready,
            errors=STATUS,
            state={
                "units": units("journey", Store, RULES, engine, clock),
                "everything": Everything(engine, clock, parts),
            },
        )
        transport = httpx.ASGITransport(app)
        return httpx.AsyncClient(
            transport=transport, base_url="http://journey", headers=headers("lead")
        )

    return make


@pytest.fixture
async def ana(client):
    assert (await client.post("/v1/customers", json=NEW)).status_code == 201


async def audited(engine):
    async with engine.connect() as connection:
        found = await newest(connection, Filter(action="customer.export"), None, 9)
    return [row["id"] for row in found]


async def test_one_file_holds_what_every_service_holds(ana, served, others, engine):
    async with served(OtherServices(others.peers)) as http:
        got = await http.get("/v1/customers/c-1/export")
    assert got.status_code == 200, got.text
    assert got.headers["content-disposition"] == 'attachment; filename="customer-c-1.json"'
    assert got.headers["cache-control"] == "no-store"
    services = got.json()["services"]
    assert set(services) == {"journey", *NAMES}
    holds = services["journey"]["holds"]
    assert holds["profile"][0] == {
        "customer": "c-1", "name": "Ana Lind", "email": "ana@example.org", "phone": None,
        "address": "Sea Lane 1", "locale": None,
    }  # fmt: skip
    assert holds["customer"]["subscription"]["plan"] == "plus"
    assert [one["product"] for one in holds["customer"]["purchases"]] == ["cam"]
    assert [one["stage"] for one in holds["stages"]] == ["purchased"]
    assert holds["remembered"][0]["state"]["purchases"]["total"] == 1
    assert services["support"]["holds"] == {"of": "support"}
    assert others.asked == [f"{name}/v1/personal/c-1" for name in NAMES]
    assert "c-1" in await audited(engine)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("away", id="does not answer"),
        pytest.param(None, id="has no such route"),
        pytest.param({"service": "somebody"}, id="is another service"),
        pytest.param([], id="says something else"),
    ],
)
async def test_without_one_part_there_is_no_file(ana, served, others, engine, name, odd):
    before = await audited(engine)
    if odd == "away":
        others.away.add(name)
    else:
        others.odd[name] = odd
    async with served(OtherServices(others.peers)) as http:
        got = await http.get("/v1/customers/c-1/export")
    assert (got.status_code, got.json()["type"]) == (503, "urn:playcaller:problem:part_missing")
    assert got.json()["detail"].startswith(f"{name} did not give its part")
    assert got.headers["retry-after"] == "5"
    assert "Lind" not in got.text
    assert await audited(engine) == before


async def test_an_installation_that_does_not_know_the_others_says_so(ana, served):
    async with served(NoServices()) as http:
        got = await http.get("/v1/customers/c-1/export")
    assert (got.status_code, got.json()["type"]) == (409, "urn:playcaller:problem:parts_unknown")
    assert "JOURNEY_INGEST_URL" in got.json()["detail"]


async def test_of_nobody_there_is_nothing_and_nobody_is_asked(served, others, client):
    async with served(OtherServices(others.peers)) as http:
        assert (await http.get("/v1/customers/c-404/export")).status_code == 404
    assert others.asked == []


@pytest.mark.parametrize("role", ["csm", "agent", "oncall", "vendor", "marketing"])
async def test_who_may_not(ana, served, others, role):
    async with served(OtherServices(others.peers)) as http:
        got = await http.get("/v1/customers/c-1/export", headers=headers(role))
    assert got.status_code == 403
