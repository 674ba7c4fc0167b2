"""Risks, days and findings over HTTP, on a real database."""

import pytest
from sqlalchemy import text

from services.analytics.store.risks import risks
from tests.analytics.player import DAY, HOUR, START, beats, described, use, uses

pytestmark = pytest.mark.servers

PEOPLE = [f"c-{n}" for n in range(6)]
STOPPED = PEOPLE[0]


def kind(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@pytest.fixture
async def lived(player):
    """Forty-five days: one of six customers stopped on day 18."""
    await player.handle(*[described(c, region="eu", plan="plus") for c in PEOPLE])
    log = [one for c in PEOPLE for one in beats(c, 0, 45)]
    log += [one for c in PEOPLE for one in uses(c, 0, 18 if c == STOPPED else 45)]
    for day in range(45):
        today = [one.event for one in log if (one.event.at - START) // DAY == day]
        await player.handle(*today)
        await player.close_until(START + (day + 1) * DAY + 7 * HOUR)


async def test_a_customers_risk_comes_with_the_numbers_that_led_to_it(client, lived):
    found = (await client.get(f"/v1/customers/{STOPPED}/risk")).json()
    assert found["tier"] == "watch"
    assert found["why"] == "usage_drop"
    assert found["day"] == (START + 44 * DAY).date().isoformat()
    assert (START + 28 * DAY).date().isoformat() < found["since"] < found["day"]
    assert found["onset"] in [(START + n * DAY).date().isoformat() for n in (17, 18, 19, 20)]
    assert found["posterior"] > 0.72
    assert found["state"] == "dropped"
    assert "ends it" in found["outlook"]
    assert sum(found["drops"].values()) == pytest.approx(found["posterior"])
    assert found["drops"]["0.05"] > 0.5
    assert found["expected"] == pytest.approx(3.0, abs=0.6)
    assert found["recent"] < 0.4
    assert found["severity"] > 0.85
    assert found["risk"] > 0.4
    assert (found["reporting_days"], found["silent_days"]) == (44, 0)
    assert found["cohort"] == "eu"
    assert found["outage"] is False
    assert found["judged_from"] is None
    assert 10 < found["stop_shows_after_days"] < 28
    began = (await client.get(f"/v1/customers/{STOPPED}/onset")).json()
    stopped = (START + 18 * DAY).date().isoformat()
    assert began["earliest"] <= stopped <= began["latest"]
    assert began["latest"] <= (START + 21 * DAY).date().isoformat()
    none = (await client.get(f"/v1/customers/{PEOPLE[1]}/onset")).json()
    assert (none["earliest"], none["likeliest"], none["latest"]) == (None, None, None)
    unknown = await client.get("/v1/customers/nobody/onset")
    assert kind(unknown) == (404, "customer_not_found")
    calm = (await client.get(f"/v1/customers/{PEOPLE[1]}/risk")).json()
    assert (calm["tier"], calm["why"], calm["since"]) == ("none", None, None)
    assert calm["posterior"] < 0.05


FOUND = """INSERT INTO finding (id, customer, at, day, tier, previous, why, posterior, severity, risk, expected, recent)
  VALUES (:id, 'c', :at, DATE '2026-01-01', :tier, 'none', 'usage_drop', 0, 0, 0, 0, 0)"""


async def test_how_many_came_into_each_tier_on_each_day(client, engine):
    async with engine.begin() as connection:
        for n, (day, tier) in enumerate(
            [(1, "watch"), (0, "watch"), (0, "at_risk"), (20, "watch")]
        ):
            values = {"id": str(n), "at": START - day * DAY, "tier": tier}
            await connection.execute(text(FOUND), values)
    found = (await client.get("/v1/risks/days?last=3")).json()
    assert found["days"][-1] == START.date().isoformat()
    assert found["entered"] == {"watch": [0, 1, 1], "at_risk": [0, 0, 1]}


async def test_the_list_has_the_highest_risk_first_and_pages(client, lived):
    first = (await client.get("/v1/risks?limit=4")).json()
    rest = (await client.get(f"/v1/risks?limit=4&after={first['next']}")).json()
    everyone = first["items"] + rest["items"]
    assert everyone[0]["customer"] == STOPPED
    assert sorted(one["customer"] for one in everyone) == PEOPLE
    assert [one["risk"] for one in everyone] == sorted(
        (one["risk"] for one in everyone), reverse=True
    )
    assert rest["next"] is None
    for only, count in (
        ("state=dropped", 1),
        ("region=eu&plan=plus&model=app", 6),
        ("plan=pro", 0),
        ("cohort=eu&tier=none", 5),
    ):
        assert len((await client.get(f"/v1/risks?{only}")).json()["items"]) == count, only
    watched = (await client.get("/v1/risks?tier=watch")).json()["items"]
    assert [one["customer"] for one in watched] == [STOPPED]


@pytest.mark.parametrize("only", ["region=eu", "plan=plus&tier=none", "model=app&region=us"])
async def test_few_are_found_by_their_ids_and_many_in_order(client, lived, monkeypatch, only):
    few = [(await client.get(f"/v1/risks?{only}&limit=4")).json()]
    few.append((await client.get(f"/v1/risks?{only}&limit=4&after={few[0]['next']}")).json() if few[0]["next"] else None)  # fmt: skip
    monkeypatch.setattr(risks, "FEW", 0)
    many = (await client.get(f"/v1/risks?{only}")).json()["items"]
    assert [one for page in few if page for one in page["items"]] == many


async def test_the_summary_counts_tiers(client, lived):
    day = (START + 44 * DAY).date().isoformat()
    assert (await client.get("/v1/risks/summary")).json() == [
        {"tier": "none", "customers": 5, "snoozed": 0, "day": day},
        {"tier": "watch", "customers": 1, "snoozed": 0, "day": day},
    ]


async def test_findings_tell_every_change_of_tier(client, lived):
    (found,) = (await client.get("/v1/findings")).json()["items"]
    assert (found["customer"], found["tier"], found["previous"]) == (STOPPED, "watch", "none")
    assert found["at"].endswith("T06:00:00Z")
    assert found["day"] > (START + 28 * DAY).date().isoformat()
    at = found["at"].replace("T06:00:00Z", "T06:00:01Z")
    assert (await client.get("/v1/findings", params={"since": at})).json()["items"] == []
    mine = await client.get("/v1/findings", params={"since": found["at"], "customer": STOPPED})
    assert mine.json()["items"] == [found]


async def test_days_show_uses_hours_and_gaps(client, player):
    await player.handle(use("ana", START + HOUR, count=4).event, use("ana", START + 3 * DAY).event)
    days = (await client.get("/v1/customers/ana/days")).json()
    assert [(d["uses"], d["hours"], d["reported"]) for d in days] == [
        (4, 1, True),
        (0, 0, False),
        (0, 0, False),
        (1, 1, True),
    ]
    assert len((await client.get("/v1/customers/ana/days?last=2")).json()) == 1


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("/v1/customers/nobody/risk", (404, "customer_not_found"), id="risk"),
        pytest.param("/v1/customers/nobody/days", (404, "customer_not_found"), id="days"),
        pytest.param("/v1/customers/a%00b/days", (422, "invalid_request"), id="NUL"),
        pytest.param("/v1/customers/a/days?last=0", (422, "invalid_request"), id="no days"),
        pytest.param("/v1/risks?tier=high", (422, "invalid_request"), id="no such tier"),
        pytest.param("/v1/risks?after=WzFd", (400, "bad_cursor"), id="cursor of another list"),
        pytest.param("/v1/findings?after=WzFd", (400, "bad_cursor"), id="likewise"),
        pytest.param("/v1/findings?after=WzEsMl0", (400, "bad_cursor"), id="not a time"),
        pytest.param("/v1/findings?since=monday", (422, "invalid_request"), id="no time"),
        pytest.param(
            "/v1/findings?since=2026-03-01T00:00:00", (422, "invalid_request"), id="no zone"
        ),
    ],
)
async def test_bad_requests_are_named(client, path, problem):
    assert kind(await client.get(path)) == problem


async def test_known_but_not_closed_yet_has_days_but_no_risk(client, player):
    await player.handle(use("ana", START).event)
    assert kind(await client.get("/v1/customers/ana/risk")) == (404, "customer_not_found")
    assert len((await client.get("/v1/customers/ana/days")).json()) == 1
