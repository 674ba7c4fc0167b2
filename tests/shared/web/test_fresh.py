"""Sensitive routes: a second factor of a moment ago, said by the token, or nothing."""

from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter

from shared.clock import WallClock, wall_now
from shared.web.app import create_app
from shared.web.guards import token
from shared.web.guards.auth import Keys
from shared.web.guards.fresh import SECOND_FACTOR, Stepped
from shared.web.guards.rights import Right, all_of
from tests.shared.web.test_auth import forged
from tests.signed import access, bearer, keys_file, who

ERASE = "POST /v1/things/erase"
RIGHTS = (
    Right("POST", "/v1/things/erase", all_of("lead", "vendor", "service")),
    Right("GET", "/v1/things/export", all_of("lead")),
    Right("GET", "/v1/things", all_of("lead")),
)


def client() -> httpx.AsyncClient:
    router = APIRouter()

    @router.post("/v1/things/erase")
    async def erase(by: Stepped) -> str:
        return by.subject

    @router.get("/v1/things/export", dependencies=[SECOND_FACTOR])
    async def export() -> str:
        return "all of it"

    @router.get("/v1/things")
    async def things() -> str:
        return "things"

    async def ready() -> dict[str, str]:
        return {}

    app = create_app("x", [router], clock=WallClock(), access=access(*RIGHTS), ready=ready)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")


JUST_BEFORE, TOO_OLD = timedelta(minutes=9, seconds=50), timedelta(minutes=10, seconds=1)


@pytest.mark.parametrize(
    ("one", "status"),
    [
        pytest.param(lambda: who("lead"), 200, id="now"),
        pytest.param(lambda: who("lead", factor=JUST_BEFORE), 200, id="nearly too old"),
        pytest.param(lambda: who("lead", factor=TOO_OLD), 401, id="too old"),
        pytest.param(lambda: who("lead", factor=None), 401, id="never"),
        pytest.param(lambda: who("agent"), 403, id="not for these roles at all"),
        pytest.param(lambda: who("vendor", kind="key", factor=None), 401, id="a key for all"),
        pytest.param(
            lambda: who("vendor", kind="key", factor=None, scopes=[ERASE]), 200, id="confined key"
        ),
        pytest.param(
            lambda: who("vendor", kind="key", factor=None, scopes=["/v1/x"]), 403, id="elsewhere"
        ),
        pytest.param(lambda: who("service", kind="service", factor=None), 200, id="our own"),
    ],
)
async def test_who_may_do_what_cannot_be_undone(one, status):
    async with client() as http:
        answer = await http.post("/v1/things/erase", headers=bearer(one()))
    assert answer.status_code == status, answer.text


async def test_the_refusal_says_what_to_do():
    async with client() as http:
        headers = bearer(who("lead", factor=None))
        answer = await http.get("/v1/things/export", headers=headers)
        assert (await http.get("/v1/things", headers=headers)).status_code == 200
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (
        401,
        "urn:playcaller:problem:second_factor_needed",
    )
    assert "POST /v1/me/step-up" in problem["detail"]
    assert (
        'error="insufficient_user_authentication", max_age=600'
        in answer.headers["WWW-Authenticate"]
    )


def moment(seconds: int = 0) -> int:
    return int(wall_now().timestamp()) + seconds


@pytest.mark.parametrize(
    "claims",
    [
        lambda: {"auth_time": moment()},
        lambda: {"amr": ["mfa"]},
        lambda: {"amr": ["pwd"], "auth_time": moment()},
        lambda: {"amr": "mfa", "auth_time": moment()},
        lambda: {"amr": ["mfa"], "auth_time": moment(60)},
        lambda: {"amr": ["mfa"], "auth_time": True},
        lambda: {"amr": ["mfa"], "auth_time": str(moment())},
        lambda: {"amr": ["mfa"], "auth_time": moment() + 0.5},
        lambda: {"amr": ["mfa"], "auth_time": -1},
    ],
)
def test_half_a_claim_of_a_second_factor_is_no_token_of_ours(claims):
    with pytest.raises(token.Forged):
        Keys(keys_file()).who(forged(**claims()), wall_now())


def test_the_moment_travels_in_the_token():
    given = who("lead", factor=timedelta(minutes=3))
    text = bearer(given)["Authorization"].removeprefix("Bearer ")
    found = Keys(keys_file()).who(text, wall_now())
    assert found.second_factor_at == given.second_factor_at.replace(microsecond=0)


@pytest.mark.parametrize(
    ("one", "times"),
    [
        pytest.param(lambda n: who("lead", subject=f"account:{n}"), 10, id="a person"),
        pytest.param(
            lambda n: who("vendor", kind="key", factor=None, scopes=[ERASE], subject=f"key:{n}"),
            100,
            id="a program",
        ),
    ],
)
async def test_sensitive_acts_come_to_an_end_within_the_hour(one, times):
    async with client() as http:
        answers = [
            await http.post("/v1/things/erase", headers=bearer(one(1))) for _ in range(times + 1)
        ]
        assert [each.status_code for each in answers] == [200] * times + [429]
        last = answers[-1]
        assert last.json()["type"].endswith("too_many_sensitive_acts")
        assert 0 < int(last.headers["Retry-After"]) <= 361
        other = await http.post("/v1/things/erase", headers=bearer(one(2)))
        assert other.status_code == 200, "everybody has a count of their own"
        if times == 10:
            export = await http.get("/v1/things/export", headers=bearer(one(1)))
            assert export.status_code == 200, "and every route"


async def test_our_own_services_are_not_counted():
    async with client() as http:
        headers = bearer(who("service", kind="service", factor=None))
        for _ in range(120):
            assert (await http.post("/v1/things/erase", headers=headers)).status_code == 200
