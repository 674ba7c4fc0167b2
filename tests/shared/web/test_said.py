"""What a stranger chooses of a request is in no metric and in no log line."""

import json
import logging

import pytest
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict

from shared import metrics
from shared.clock import WallClock
from shared.web.app import create_app
from shared.web.guards.json_text import MEMBERS, too_much
from shared.web.guards.rates import Rate, Rates
from tests.signed import access

SECRET = "zq-491705550142"


def series() -> int:
    return sum(len(family.samples) for family in metrics.REGISTRY.collect())


@pytest.fixture
def client(serve):
    return serve("x")


async def test_a_word_in_place_of_a_method_is_no_series(client):
    await client.request("M0000000", "/v1/nowhere")
    before = series()
    for n in range(50):
        assert (await client.request(f"M{n:07}", "/v1/nowhere")).status_code == 404
    assert series() == before
    kinds = {
        sample.labels["method"]
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
        if "method" in sample.labels
    }
    assert kinds <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}


@pytest.mark.parametrize("token", [None, "Bearer x", "Basic x", "Bearer " + "x" * 5_000])
async def test_a_path_is_in_no_line(client, caplog, token):
    caplog.set_level(logging.DEBUG, "playcaller")
    headers = {} if token is None else {"Authorization": token}
    answer = await client.get(f"/{'a' * 10_000}/{SECRET}", headers=headers)

    assert answer.status_code in {401, 404}
    assert SECRET not in "".join(f"{r.getMessage()}{vars(r)}" for r in caplog.records)


async def test_an_error_nobody_foresaw_says_the_route_not_the_path(serve, caplog):
    made = APIRouter()

    @made.get("/v1/things/{name}")
    async def read(name: str) -> None:
        raise RuntimeError("odd")

    answer = await serve("x", [made]).get(f"/v1/things/{SECRET}")
    (line,) = [r for r in caplog.records if r.name == "playcaller.web"]
    assert answer.status_code == 500
    assert line.route == "/v1/things/{name}"
    assert SECRET not in str(vars(line))


async def test_a_refused_token_that_comes_too_often_costs_no_line(caplog):
    async def ready():
        return {}

    rates = Rates(Rate(1, 1), Rate(per_s=0.001, burst=3))
    app = create_app("x", [], clock=WallClock(), access=access(), ready=ready, rates=rates)
    caplog.set_level(logging.DEBUG, "playcaller")
    async with AsyncClient(transport=ASGITransport(app), base_url="http://x") as http:
        said = [
            (await http.get("/v1/x", headers={"Authorization": "Bearer x"})).status_code
            for _ in range(10)
        ]
    assert said == [401] * 3 + [429] * 7
    assert len([r for r in caplog.records if "token was refused" in r.getMessage()]) == 3


BODIES = {
    "members": {f"k{n}": 1 for n in range(MEMBERS)},
    "an array": {"a": [0] * MEMBERS},
    "objects": {"a": [{}] * MEMBERS},
    "objects of objects": {"a": [{"b": {}}] * (MEMBERS // 2)},
    "wide": {f"k{n}": {} for n in range(300)},
    "strings that look like strings": {f'"{n}\\': 1 for n in range(MEMBERS)},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("indent", [None, 1])
def test_more_members_than_anybody_needs_are_too_much(body, indent):
    assert too_much(json.dumps(body, indent=indent).encode(), MEMBERS) is not None


FINE = {
    "text with signs": {"text": ',{["' * 2_000},
    "a hundred purchases": {"a": [{"b": 1, "c": "x", "d": None, "e": 1.5}] * 100},
    "names of roles": {"roles": {f"group-{n}": "agent" for n in range(200)}},
    "escapes": {"a": '\\" , \\\\' * 1_000},
    "nothing": {},
}


@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_what_people_send_is_not(body):
    assert too_much(json.dumps(body).encode(), MEMBERS) is None


@pytest.mark.parametrize("depth", [16, 17, 400])
@pytest.mark.parametrize("pair", [("[", "]"), ('{"a":', "}")])
def test_depth_has_an_end(depth, pair):
    body = (pair[0] * depth + "1" + pair[1] * depth).encode()
    assert (too_much(body, MEMBERS) is None) == (depth <= 16)


async def test_of_an_endless_list_of_errors_twenty_are_told(serve):
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")

    made = APIRouter()

    @made.post("/v1/things")
    async def make(body: Strict) -> None:
        raise AssertionError(body)

    client = serve("x", [made])
    wide = await client.post("/v1/things", json={f"k{n}": 1 for n in range(200)})
    long = await client.post("/v1/things", json={"k" * 50_000: 1})
    many = await client.post("/v1/things", json={f"k{n}": 1 for n in range(9_000)})
    assert (wide.status_code, len(wide.json()["errors"])) == (422, 20)
    assert len(long.content) < 2_000
    assert (many.status_code, len(many.content) < 500) in {(422, True), (413, True)}
