"""Whom a play would reach: counted, listed, estimated, of what is played, drafted and typed."""

from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from services.journey.domain.rules import Rules
from services.journey.edges.api.plays import audiences
from services.journey.handlers.plays import audience
from tests.journey.conftest import MAP
from tests.journey.engine import Engine, error, started, with_address
from tests.journey.plays import playbook, text
from tests.signed import Signed

pytestmark = pytest.mark.servers
HELP = text(
    "  - {step: first, mail: one}\n  - {step: rest, wait: 1h}",
    '{stage: onboarding, when: {all: [{fact: app_errors, op: ">=", value: 1}]}}',
    'goal: {all: [{fact: setup_completed, op: "==", value: true}]}\nagain: 2d\n',
)
ERRORS = text("  - {step: rest, wait: 1h}", "{happens: app_errors}", name="errors")
ANYBODY = text("  - {step: first, mail: one}", "{happens: setup_started}")
AUDIENCE = "/v1/plays/help/audience"
WRITER = Signed("marketing", subject="account:mia")
PARTS = ("enters", "compared", "ends", "already_in", "had_it", "too_early")


@pytest.fixture
async def played(engine, clock, client, monkeypatch):
    """Ann, Ben and Cyd are in their set-up, Ann and Ben had errors; nobody has Ben's address; Ann is in it."""
    begun = clock.now() - timedelta(days=5)
    rules = Rules(MAP, playbook(HELP, ERRORS))
    journey = Engine(engine, rules=rules)
    await journey.publish(begun)
    monkeypatch.setattr(client._transport.app.state.units, "rules", rules)
    await with_address(engine, "ann", "cyd", "dot")
    await with_address(engine, "ben", email="nowhere")
    await journey.handle(error(begun, 1, "ann"), now=begun)
    for name in ("ann", "ben", "cyd"):
        await journey.handle(started(begun, name), now=begun)
    await journey.handle(error(clock.now(), 1, "ben"), now=clock.now())
    return client


def parts(found):
    return {name: found[name] for name in PARTS if found[name]}


async def test_it_says_how_many_and_what_would_become_of_them(played):
    found = (await played.get(AUDIENCE)).json()
    assert (found["stage"], found["happens"], found["when"]) == (
        "onboarding", None, ["app_errors >= 1"],
    )  # fmt: skip
    assert (found["exact"], found["customers"], found["looked_at"], found["holds"]) == (
        True, 4, 4, 2,
    )  # fmt: skip
    assert parts(found) == {"already_in": 1, "enters": 1}
    assert found["unreached"] == 1
    errors = (await played.get("/v1/plays/errors/audience")).json()
    assert (errors["holds"], parts(errors), errors["unreached"]) == (2, {"already_in": 2}, None)


async def test_who_they_are_page_by_page(played):
    first = (await played.get(f"{AUDIENCE}/customers", params={"limit": 1})).json()
    ann = {"customer": "ann", "stage": "onboarding", "fate": "already_in", "unreached": False}
    assert first["items"] == [ann]
    then = {"limit": 1, "after": first["next"]}
    second = (await played.get(f"{AUDIENCE}/customers", params=then)).json()
    assert [(one["customer"], one["fate"], one["unreached"]) for one in second["items"]] == [
        ("ben", "enters", True)
    ]
    assert second["next"] is None


async def test_a_page_that_has_looked_at_enough_is_short_and_goes_on(played, monkeypatch):
    monkeypatch.setattr(audience, "AT_ONCE", 1)
    monkeypatch.setattr(audience, "PARTS_A_PAGE", 2)
    found, after = [], {}
    for _ in range(4):
        page = (await played.get(f"{AUDIENCE}/customers", params=after)).json()
        found += [one["customer"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == ["ann", "ben"]


async def test_who_is_typing_sees_the_number_of_what_is_typed_and_of_the_draft(played):
    files = {"plays/help.yaml": ANYBODY}
    typed = await played.post(
        "/v1/plays/audience", json={"play": "help", "files": files}, headers=WRITER
    )
    assert (typed.json()["holds"], typed.json()["happens"]) == (3, "setup_started")
    assert (await played.get(AUDIENCE, params={"draft": True})).status_code == 404
    await played.put("/v1/plays/help/draft", json={"files": files}, headers=WRITER)
    drafted = (await played.get(AUDIENCE, params={"draft": True})).json()
    assert parts(drafted) == {"enters": 2, "already_in": 1}
    assert (await played.get(AUDIENCE)).json()["holds"] == 2
    listed = await played.get(f"{AUDIENCE}/customers", params={"draft": True})
    assert [one["customer"] for one in listed.json()["items"]] == ["ann", "ben", "cyd"]


async def test_of_many_a_sample_answers_until_they_are_counted(played, engine, monkeypatch):
    monkeypatch.setattr(audience, "SAMPLED", 300)
    monkeypatch.setattr(audiences, "WAIT_S", 0)
    async with engine.begin() as connection:
        await connection.execute(
            sql(
                "INSERT INTO customer (id, known, kind, zone, region, stage, entries, evaluated, uses,"
                " last_use, routine_from, routine_to, version, created_at) SELECT 'z-' || n, true,"
                " 'household', 'UTC', 'default', 'purchased', 0, 0, n % 4, n % 4, 0, 0, 1, now()"
                " FROM generate_series(1, 2000) n"
            )
        )
    used = text("  - {step: rest, wait: 1h}", "{stage: purchased, when: {all: [{fact: uses_total, op: '>=', value: 2}]}}")  # fmt: skip
    body = {"play": "help", "files": {"plays/help.yaml": used}}
    found = (await played.post("/v1/plays/audience", json=body)).json()
    assert (found["exact"], found["customers"]) == (False, 2004)
    assert 0 < found["looked_at"] < 2004
    assert 800 <= found["holds"] <= 1200
    asked = (await played.get(AUDIENCE)).json()
    assert not asked["exact"]
    monkeypatch.setattr(audiences, "WAIT_S", 60)
    asked = (await played.get(AUDIENCE)).json()
    assert (asked["exact"], asked["holds"], asked["looked_at"]) == (True, 2, 2004)


@pytest.mark.parametrize(
    ("path", "params", "status", "says"),
    [
        ("/v1/plays/hlep/audience", {}, 404, "did you mean `help`?"),
        (AUDIENCE, {"draft": True}, 404, "there is no draft of help"),
        (f"{AUDIENCE}/customers", {"after": "nonsense"}, 400, "`after` is not the `next`"),
    ],
    ids=["no such play", "no draft", "no such place"],
)
async def test_bad_input_says_what_is_wrong(played, path, params, status, says):
    answer = await played.get(path, params=params)
    assert answer.status_code == status
    assert says in answer.text


async def test_what_is_typed_wrongly_is_named(played):
    wrong = {"plays/help.yaml": HELP.replace("app_errors", "app_erors")}
    answer = await played.post("/v1/plays/audience", json={"play": "help", "files": wrong})
    assert answer.status_code == 422
    assert "did you mean `app_errors`?" in answer.text
