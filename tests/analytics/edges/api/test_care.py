"""What people do about risks over HTTP: contacts, snoozes, and what a list shows of them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.events.customer_changed import Subscription
from tests.analytics.player import START, beats, claimed, described, uses
from tests.signed import headers

pytestmark = pytest.mark.servers

TODAY = START.date()
ROW = """INSERT INTO risk (customer, region, cohort, day, tier, posterior, drop_stop, drop_most, drop_part,
    expected, recent, usual, baseline, severity, risk, reporting_days, silent_days, days_above, factor,
    weight, dispersion, outage, price_month, at_stake)
  VALUES (:customer, :region, 'eu', :day, :tier, 0, 0, 0, 0, 1, 1, 1, 1, 0, :risk, 40, 0, 0, 1, 1, 1,
    false, :price, :stake)"""
# customer, tier, risk, price a month
PEOPLE = (
    ("ana", "at_risk", 0.9, 10.0), ("bo", "at_risk", 0.5, 100.0), ("cy", "at_risk", 0.95, None),
    ("di", "watch", 0.4, 10.0), ("ed", "at_risk", 0.99, None),
)  # fmt: skip


@pytest.fixture
async def listed(engine, client):
    """Five customers; who asks is a csm."""
    async with engine.begin() as connection:
        for customer, tier, risk, price in PEOPLE:
            row = {
                "customer": customer,
                "tier": tier,
                "risk": risk,
                "price": price,
                "day": TODAY,
                "stake": risk * (price or 0.0),
            }
            row["region"] = "us" if customer == "ana" else "eu"
            await connection.execute(text(ROW), row)
    client.headers.update(headers("csm"))
    return client


async def order(client, query):
    """Customers in the list's order, two a page."""
    found, after = [], ""
    while True:
        page = (await client.get(f"/v1/risks?{query}&limit=2{after}")).json()
        found += [each["customer"] for each in page["items"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("sort=risk", ["ed", "cy", "ana", "bo", "di"]),
        ("sort=value", ["bo", "ana", "di", "ed", "cy"]),
        ("sort=value&tier=at_risk", ["bo", "ana", "ed", "cy"]),
        ("sort=value&region=us", ["ana"]),
        ("customer=cy&customer=di&customer=nobody", ["cy", "di"]),
        ("sort=value&state=lapsed", []),
    ],
)
async def test_the_list_goes_by_risk_or_by_what_is_at_stake(listed, query, wanted):
    assert await order(listed, query) == wanted


async def test_a_contact_is_shown_to_everybody_who_works_for_customers(listed):
    sent = {"outcome": "reached", "note": "Moves house, wants a call in May"}
    made = await listed.post("/v1/risks/ana/contacts", json=sent, headers={"Idempotency-Key": "k"})
    again = await listed.post("/v1/risks/ana/contacts", json=sent, headers={"Idempotency-Key": "k"})
    assert (made.status_code, again.status_code) == (201, 201)
    assert again.json() == made.json()
    row = (await listed.get("/v1/customers/ana/risk")).json()
    assert row["contacted"] == {
        "at": "2026-03-02T00:00:00Z", "who": "account:test", "outcome": "reached"
    }  # fmt: skip
    assert "May" not in str(row)
    as_agent = await listed.get("/v1/risks/ana/contacts", headers=headers("agent"))
    assert [each["note"] for each in as_agent.json()] == [sent["note"]]


async def test_a_snooze_leaves_out_until_its_day_or_a_graver_tier(listed, engine):
    until = (TODAY + timedelta(days=3)).isoformat()
    wish = {"until": until, "reason": "On a cruise"}
    for customer in ("di", "bo"):
        made = await listed.post(f"/v1/risks/{customer}/snooze", json=wish)
        assert made.status_code == 201, made.text
    assert await order(listed, "sort=value&snoozed=false") == ["ana", "ed", "cy"]
    assert await order(listed, "sort=value&snoozed=true") == ["bo", "di"]
    counts = (await listed.get("/v1/risks/summary")).json()
    assert [(each["tier"], each["customers"], each["snoozed"]) for each in counts] == [
        ("at_risk", 4, 1), ("watch", 1, 1)
    ]  # fmt: skip
    shown = (await listed.get("/v1/customers/bo/risk")).json()["snoozed"]
    assert shown == {"until": until, "who": "account:test"}
    async with (
        engine.begin() as connection
    ):  # a closing finds one worse, and time passes for the other
        await connection.execute(text("UPDATE risk SET tier = 'at_risk' WHERE customer = 'di'"))
        await connection.execute(
            text("UPDATE snooze SET until = '2026-03-02' WHERE customer = 'bo'")
        )
    assert await order(listed, "snoozed=true") == []
    assert (await listed.get("/v1/risks/di/snooze")).json()["holds"] is False


async def test_a_snooze_is_taken_back(listed):
    wish = {"until": (TODAY + timedelta(days=180)).isoformat(), "reason": "wrong one"}
    assert (await listed.post("/v1/risks/ana/snooze", json=wish)).status_code == 201
    assert (await listed.delete("/v1/risks/ana/snooze")).status_code == 204
    assert "ana" in await order(listed, "snoozed=false")
    gone = await listed.delete("/v1/risks/ana/snooze")
    assert (gone.status_code, gone.json()["type"]) == (
        404,
        "urn:playcaller:problem:snooze_not_found",
    )


@pytest.mark.parametrize(
    ("what", "body", "status", "said"),
    [
        ("ana/snooze", {"until": "2026-03-02", "reason": "x"}, 422, "a day after 2026-03-02"),
        ("ana/snooze", {"until": "2026-08-30", "reason": "x"}, 422, "at the latest 2026-08-29"),
        ("ana/snooze", {"until": "2026-03-03", "reason": ""}, 422, "reason"),
        ("ana/snooze", {"until": "soon", "reason": "x"}, 422, "until"),
        ("nobody/snooze", {"until": "2026-03-03", "reason": "x"}, 404, "nobody"),
        ("nobody/contacts", {"outcome": "reached"}, 404, "nobody"),
        ("ana/contacts", {"outcome": "shouted at"}, 422, "outcome"),
        ("ana/contacts", {"outcome": "reached", "note": "x" * 2_001}, 422, "note"),
        ("ana/contacts", {"outcome": "reached", "note": "x\u0000"}, 422, "note"),
        ("ana/contacts", {"outcome": "reached", "who": "account:else"}, 422, "who"),
    ],
)
async def test_what_is_not_right_is_named(listed, what, body, status, said):
    answer = await listed.post(f"/v1/risks/{what}", json=body)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text


@pytest.mark.parametrize("role", ["agent", "oncall", "partner", "product"])
async def test_only_who_looks_after_customers_acts(listed, role):
    who = headers(role, org="helpers") if role == "partner" else headers(role)
    for body, what in (
        ({"outcome": "reached"}, "contacts"),
        ({"until": "2026-03-03", "reason": "x"}, "snooze"),
    ):
        assert (
            await listed.post(f"/v1/risks/ana/{what}", json=body, headers=who)
        ).status_code == 403
    assert (await listed.delete("/v1/risks/ana/snooze", headers=who)).status_code == 403


async def test_uses_of_a_page_end_with_the_last_final_day(client, player):
    await player.handle(described("ana"), described("bo"))
    await player.handle(claimed("ana"))
    for log in (uses("ana", 0, 8), beats("ana", 0, 8), uses("bo", 6, 8, hours=(9,))):
        await player.handle(*[each.event for each in log])
    await player.close_until(START + timedelta(days=8, hours=7))
    found = (await client.get("/v1/risks/uses?customer=bo&customer=ana&customer=no&last=4")).json()
    assert found == [
        {"customer": "ana", "last": "2026-03-07", "hours": [3, 3, 3, 3]},
        {"customer": "bo", "last": "2026-03-07", "hours": [0, 0, 0, 0]},
    ]


async def test_a_price_counts_from_the_closing_that_comes_after_it(client, player):
    term = Subscription(plan="plus", started_at=START, price_month=30.0)
    ended = Subscription(plan="plus", started_at=START, price_month=30.0, status="cancelled")
    await player.handle(
        described("ana", subscription=term), described("bo", subscription=ended), described("cy")
    )
    for customer in ("ana", "bo", "cy"):
        await player.handle(*[each.event for each in uses(customer, 0, 3)])
    await player.close_until(START + timedelta(days=3, hours=7))
    rows = {each["customer"]: each for each in (await client.get("/v1/risks")).json()["items"]}
    assert {id_: each["price_month"] for id_, each in rows.items()} == {
        "ana": 30.0, "bo": 0.0, "cy": None
    }  # fmt: skip
    assert rows["ana"]["at_stake"] == pytest.approx(30.0 * rows["ana"]["risk"])
    assert rows["cy"]["at_stake"] == 0.0
