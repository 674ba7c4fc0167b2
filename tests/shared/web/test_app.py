"""The HTTP interface as a client meets it: health, problems, limits, documentation, metrics."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from shared import metrics
from shared.clock import StreamClock, WallClock
from shared.errors import TryLater
from shared.web.app import create_app
from shared.web.problems import Problem
from shared.web.routes import health
from shared.web.times import Time
from tests.signed import access, headers, permit

Ready = dict[str, str]


class AlreadyClaimed(Exception):
    """A domain error."""


class Claim(BaseModel):
    customer: str
    at: Time
    count: Annotated[int, Query(ge=1)] = 1


RAISED: dict[str, Callable[[], Exception]] = {
    "problem": lambda: Problem(409, "taken", "It is taken", "By ann.", headers={"X-A": "b"}, by=3),
    "domain": lambda: AlreadyClaimed("cam-1 is claimed"),
    "http": lambda: HTTPException(403, "Not you"),
    "later": lambda: TryLater("secret-host"),
    "refused": lambda: ConnectionRefusedError("secret-host"),
    "refused twice": lambda: OSError("Multiple exceptions: secret-host"),
    "file": lambda: FileNotFoundError(2, "secret-path"),
    "starting": lambda: asyncpg.CannotConnectNowError("secret-host"),
    "deadlock": lambda: DBAPIError("secret", {}, asyncpg.DeadlockDetectedError("secret")),
    "wrong sql": lambda: DBAPIError("secret", {}, asyncpg.UndefinedTableError("secret")),
    "bug": lambda: ZeroDivisionError("secret"),
}


def routes() -> APIRouter:
    made = APIRouter(prefix="/v1")

    @made.post("/claims/{id}", status_code=201)
    async def claim(id: str, body: Claim, limit: Annotated[int, Query(le=200)] = 50) -> Claim:  # noqa: A002
        return body

    @made.get("/raise/{what}")
    async def fail(what: str) -> None:
        raise RAISED[what]()

    @made.post("/devices/import")
    async def import_(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @made.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    return made


@pytest.fixture
def waiting() -> Ready:
    return {}


@pytest.fixture
async def client(waiting: Ready) -> AsyncIterator[httpx.AsyncClient]:
    async def ready() -> Mapping[str, str]:
        return waiting

    app = create_app(
        "support",
        [routes()],
        access=permit(routes()),
        clock=StreamClock(datetime(2026, 3, 1, 6, tzinfo=UTC)),
        ready=ready,
        facts=lambda: {"durability": "single"},
        errors={AlreadyClaimed: 409},
        state={"answer": 42},
    )
    assert app.state.answer == 42
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://support", headers=headers("admin")
    ) as made:
        yield made


async def test_readiness_names_the_server_awaited(
    client: httpx.AsyncClient, waiting: Ready, monkeypatch
) -> None:
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    assert (await client.get("/livez")).json() == {"service": "support", "state": "alive"}
    good = await client.get("/readyz")
    waiting["kafka"] = "waiting for Kafka at 127.0.0.1:9092 for 12 s"
    bad = await client.get("/readyz")

    assert (good.status_code, bad.status_code) == (200, 503)
    assert good.json() == {
        "service": "support",
        "state": "ready",
        "waiting": {},
        "facts": {"clock": "stream", "now": "2026-03-01T06:00:00Z", "durability": "single"},
    }
    assert bad.json()["waiting"] == waiting
    assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    ("what", "status", "kind"),
    [
        pytest.param("problem", 409, "taken", id="our own"),
        pytest.param("domain", 409, "already_claimed", id="a domain error, mapped"),
        pytest.param("http", 403, "forbidden", id="the framework's"),
        pytest.param("later", 503, "try_later", id="a server away"),
        pytest.param("refused", 503, "try_later", id="connection refused"),
        pytest.param("refused twice", 503, "try_later", id="refused at two addresses"),
        pytest.param("starting", 503, "try_later", id="PostgreSQL starting"),
        pytest.param("deadlock", 503, "try_later", id="deadlock"),
        pytest.param("file", 500, "internal", id="a missing file of ours"),
        pytest.param("wrong sql", 500, "internal", id="wrong SQL"),
        pytest.param("bug", 500, "internal", id="a bug"),
    ],
)
async def test_every_error_is_a_problem_without_our_insides(
    client: httpx.AsyncClient, what: str, status: int, kind: str
) -> None:
    answer = await client.get(f"/v1/raise/{what}")

    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"]) == (status, status)
    assert body["type"] == f"urn:playcaller:problem:{kind}"
    assert body["instance"].startswith("/v1/raise/")
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_a_problem_carries_its_facts_and_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/raise/problem")

    assert (answer.json()["by"], answer.headers["x-a"]) == (3, "b")
    assert (answer.json()["title"], answer.json()["detail"]) == ("It is taken", "By ann.")


GOOD = {"customer": "c-1", "at": "2026-03-01T08:00:00+02:00"}


@pytest.mark.parametrize(
    ("changed", "field", "given", "expected"),
    [
        pytest.param({"customer": ["s3cret"]}, "body.customer", "array", "a valid string", id="wrong kind"),
        pytest.param({"customer": None}, "body.customer", "null", "a valid string", id="null"),
        pytest.param({"at": "2026-03-01T08:00:00"}, "body.at", "text", "a time with its zone", id="naive time"),
        pytest.param({"at": "s3cret"}, "body.at", "text", "a time", id="no time"),
        pytest.param({"at": "9999-12-31T23:59:59-12:00"}, "body.at", "text", "a time between the years 1 and 9999", id="beyond the calendar"),
        pytest.param({"count": 0}, "body.count", "number", "greater than or equal to 1", id="below the edge"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named_with_what_was_expected(
    client: httpx.AsyncClient, changed: dict[str, Any], field: str, given: str, expected: str
) -> None:
    answer = await client.post("/v1/claims/x", json={**GOOD, **changed})

    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert (error["field"], error["given"]) == (field, given)
    assert expected in error["expected"]
    assert "s3cret" not in answer.text


async def test_missing_fields_wrong_queries_and_broken_json_are_named(
    client: httpx.AsyncClient,
) -> None:
    missing = await client.post("/v1/claims/x", json={})
    query = await client.post("/v1/claims/x?limit=201", json=GOOD)
    broken = await client.post(
        "/v1/claims/x", content=b"{s3cret", headers={"content-type": "application/json"}
    )

    assert [e["field"] for e in missing.json()["errors"]] == ["body.customer", "body.at"]
    assert query.json()["errors"][0]["field"] == "query.limit"
    assert broken.json()["errors"][0]["given"] == "text that is not JSON"
    assert "s3cret" not in broken.text


async def test_times_are_written_in_utc_with_a_z(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/claims/x", json=GOOD)

    assert answer.status_code == 201
    assert answer.json()["at"] == "2026-03-01T06:00:00Z"


async def test_unknown_routes_and_methods_are_problems(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/nowhere")).json()["type"].endswith(":not_found")
    wrong = await client.put("/v1/raw")
    assert wrong.json()["type"].endswith(":method_not_allowed")
    assert wrong.headers["allow"] == "POST"


MIB = 1024 * 1024
FITS = 64 * 1024
CSV = {"content-type": "text/csv; charset=utf-8"}
SHOUTED = {"content-type": "Text/CSV ; Charset=UTF-8"}
EXCEL = {"content-type": "application/vnd.ms-excel"}


async def chunks(size: int) -> AsyncIterator[bytes]:
    for begin in range(0, size, 65_536):
        yield b"x" * min(65_536, size - begin)


@pytest.mark.parametrize(
    ("path", "headers", "size", "status"),
    [
        pytest.param("/v1/raw", {}, FITS, 200, id="just fits"),
        pytest.param("/v1/raw", {}, FITS + 1, 413, id="one byte over"),
        pytest.param("/v1/raw", CSV, FITS + 1, 413, id="CSV where none is imported"),
        pytest.param("/v1/devices/import", CSV, 2 * MIB, 200, id="an import may be larger"),
        pytest.param("/v1/devices/import", SHOUTED, 2 * MIB, 200, id="in whatever letters"),
        pytest.param("/v1/devices/import", {}, FITS, 200, id="an import that says no type"),
        pytest.param("/v1/devices/import", {}, FITS + 1, 413, id="a large one that says none"),
        pytest.param("/v1/devices/import", EXCEL, 2 * MIB, 415, id="an import that is no CSV"),
        pytest.param("/v1/devices/import", EXCEL, 20, 415, id="a short one that is none"),
    ],
)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "streamed"])
async def test_the_size_of_a_request_is_limited(
    client: httpx.AsyncClient,
    path: str,
    headers: dict[str, str],
    size: int,
    status: int,
    *,
    declared: bool,
) -> None:
    content: Any = b"x" * size if declared else chunks(size)
    answer = await client.post(path, content=content, headers=headers)

    assert answer.status_code == status
    if status == 413:
        assert answer.json()["detail"] == "The body is larger than 64 KiB."
    elif status == 200:
        assert answer.json() == size
    else:
        assert answer.json()["type"].endswith(":not_csv")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/v1/nowhere", "/docs"])
async def test_head_is_get_without_a_body(client: httpx.AsyncClient, path: str) -> None:
    whole = await client.get(path)
    answer = await client.request("HEAD", path)

    assert answer.status_code == whole.status_code
    assert answer.content == b""
    assert answer.headers["content-type"] == whole.headers["content-type"]
    assert answer.headers["content-length"] == whole.headers["content-length"]


async def test_the_api_document_is_openapi_3_1_and_knows_problems(
    client: httpx.AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()

    operation = document["paths"]["/v1/claims/{id}"]["post"]
    assert document["openapi"].startswith("3.1")
    for status in ("401", "403", "422", "429", "default"):
        problem = operation["responses"][status]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/ProblemBody"}
    assert operation["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    alive = document["paths"]["/livez"]["get"]
    assert "security" not in alive
    assert {"401", "403", "422", "429"} & set(alive["responses"]) == set()
    assert {"title", "status", "errors"} <= set(
        document["components"]["schemas"]["ProblemBody"]["properties"]
    )
    assert "FieldProblem" in document["components"]["schemas"]


async def test_the_documentation_asks_no_other_host(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")

    assert page.status_code == 200
    assert not re.search(r"(?:https?:)?//[a-z]", page.text)
    assert "unsafe" not in page.headers["content-security-policy"]
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        file = await client.get(path)
        assert (file.status_code, bool(file.content)) == (200, True), path
    start = (await client.get("/docs/start.js")).text
    assert "validatorUrl: null" in start
    assert "//" not in start
    css = (await client.get("/docs/swagger-ui.css")).text
    assert not re.search(r"url\(['\"]?https?:", css)
    assert "@import" not in css


def counted(route: str, status: str, method: str = "GET") -> float:
    labels = {"method": method, "route": route, "status": status}
    return metrics.REGISTRY.get_sample_value("playcaller_http_requests_total", labels) or 0.0


async def test_a_gauge_that_cannot_be_measured_hides_no_other_metric() -> None:
    async def ready() -> Mapping[str, str]:
        return {}

    async def measure() -> None:
        raise ConnectionRefusedError

    app = create_app("x", [], clock=WallClock(), access=access(), ready=ready, measure=measure)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        answer = await client.get("/metrics")

    assert (answer.status_code, "playcaller_info" in answer.text) == (200, True)


async def test_requests_are_counted_by_route_and_not_by_path(client: httpx.AsyncClient) -> None:
    before = counted("/v1/raise/{what}", "500"), counted("(none)", "404")
    for path in ("/v1/raise/bug", "/v1/raise/file", "/v1/nowhere"):
        await client.get(path)
    text = (await client.get("/metrics")).text

    assert counted("/v1/raise/{what}", "500") == before[0] + 2
    assert counted("(none)", "404") == before[1] + 1
    assert 'playcaller_info{service="support"} 1.0' in text
    assert 'playcaller_http_seconds_count{route="/v1/raise/{what}"}' in text


def test_the_wall_clock_is_named_too() -> None:
    async def ready() -> Mapping[str, str]:
        return {}

    app = create_app("x", [], clock=WallClock(), access=access(), ready=ready)
    assert isinstance(app.state.clock, WallClock)
