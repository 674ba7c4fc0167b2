"""Months of a region's days on a real database: its risk becomes a probability it has learned."""

from datetime import date

import pytest

from services.analytics.domain.risks.learning import EVERY
from services.analytics.store.store import Store
from shared.events.customer_changed import Subscription
from tests.analytics.player import DAY, HOUR, START, described, feature

pytestmark = pytest.mark.servers

DAYS = 96
PEOPLE = [f"c-{n:02d}" for n in range(48)]
OFTEN = (1, 1, 2, 3)  # days between two uses, by customer
STOPS = {customer: 10 + 2 * n for n, customer in enumerate(PEOPLE[::2])}  # every other one stops


CANCELS = {day + 45: [c] for c, day in STOPS.items()}  # who stops ends it some weeks later


def uses_on(day):
    return [
        feature(customer, START + day * DAY + 9 * HOUR).event
        for n, customer in enumerate(PEOPLE)
        if day % OFTEN[n % 4] == 0 and day < STOPS.get(customer, DAYS)
    ]


def subscription(status):
    return Subscription(plan="plus", started_at=START, status=status, price_month=9.0)


async def live(player, first, last):
    for day in range(first, last):
        ended = subscription("cancelled")
        over = [
            described(c, version=2, region="eu", subscription=ended, at=START + day * DAY)
            for c in CANCELS.get(day, ())
        ]
        if over:
            await player.handle(*over)
        if found := uses_on(day):
            await player.handle(*found)
        await player.close_until(START + (day + 1) * DAY + 7 * HOUR)


@pytest.fixture
async def lived(player):
    term = subscription("active")
    await player.handle(*[described(c, region="eu", subscription=term) for c in PEOPLE])
    await live(player, 0, DAYS)


async def test_risk_is_learned_from_what_was_known_and_says_so(player, client, lived):
    found = {
        row["customer"]: row for row in (await client.get("/v1/risks?limit=200")).json()["items"]
    }
    assert {row["basis"] for row in found.values()} == {"fitted"}
    head, ending = (await client.get("/v1/risks/heads")).json()
    assert {row["head"] for row in found.values()} == {head["day"]}
    assert date.fromisoformat(head["day"]).toordinal() % EVERY == 0
    assert head["learned_from"] > 200
    assert head["backtest"][0]["auc"] > 0.9
    assert (head["of"], ending["of"]) == ("silence", "cancellation")
    assert ending["learned_from"] >= 200
    over = [c for day, (c,) in CANCELS.items() if day < DAYS - 4]
    assert {found[c]["cancels"] and c for c in over} == {None}
    about_to = [c for day, (c,) in CANCELS.items() if DAYS <= day < DAYS + 7]
    pay = [c for c in PEOPLE if c not in STOPS]
    soon = {c: found[c]["cancels"]["within_30_days"] for c in (*about_to, *pay)}
    assert min(soon[c] for c in about_to) > max(soon[c] for c in pay)
    assert {found[c]["cancels"]["basis"] for c in pay} == {"fitted"}
    assert {found[c]["cancels"]["head"] for c in pay} == {ending["day"]}
    gone = [c for c, day in STOPS.items() if day < DAYS - 30]
    stays = [c for c in PEOPLE if c not in STOPS]
    assert min(found[c]["risk"] for c in gone) > 0.5 > max(found[c]["risk"] for c in stays)
    assert {found[c]["tier"] for c in gone} == {"at_risk"}
    for row in found.values():
        assert row["risk_90"] <= row["risk"]
        assert row["risk_range"] is None
        assert (row["tier"] == "at_risk") <= (row["risk"] >= 0.72)
        assert (row["tier"] in ("none", "learning")) <= (row["risk"] < 0.72)
        assert row["health"] == round(100 * (1 - row["risk_90"]))
    dead = (await client.get(f"/v1/customers/{gone[0]}/health")).json()
    assert dead["health"] < 10
    assert (dead["basis"], dead["usage"], dead["support"]) == ("fitted", 0, 100)
    rows = await player.rows("snapshot")
    assert len({row[1] for row in rows}) == len(range(DAYS // EVERY))

    async with player.engine.begin() as connection:
        erasing = Store(connection).erasing
        await erasing.hold([PEOPLE[0]])
        await erasing.take_away([PEOPLE[0]])
    assert PEOPLE[0] in {row[2] for row in rows}
    assert PEOPLE[0] not in {row[2] for row in await player.rows("snapshot")}
