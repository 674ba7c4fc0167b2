"""Months of a region's days on a real database: its risk becomes a probability it has learned."""

from datetime import date

import pytest

from services.analytics.domain.risks.learning import EVERY
from services.analytics.store.store import Store
from tests.analytics.player import DAY, HOUR, START, described, feature

pytestmark = pytest.mark.servers

DAYS = 96
PEOPLE = [f"c-{n:02d}" for n in range(48)]
OFTEN = (1, 1, 2, 3)  # days between two uses, by customer
STOPS = {customer: 10 + 2 * n for n, customer in enumerate(PEOPLE[::2])}  # every other one stops


def uses_on(day):
    return [
        feature(customer, START + day * DAY + 9 * HOUR).event
        for n, customer in enumerate(PEOPLE)
        if day % OFTEN[n % 4] == 0 and day < STOPS.get(customer, DAYS)
    ]


async def live(player, first, last):
    for day in range(first, last):
        if found := uses_on(day):
            await player.handle(*found)
        await player.close_until(START + (day + 1) * DAY + 7 * HOUR)


@pytest.fixture
async def lived(player):
    await player.handle(*[described(c, region="eu") for c in PEOPLE])
    await live(player, 0, DAYS)


async def test_risk_is_learned_from_what_was_known_and_says_so(player, client, lived):
    found = {
        row["customer"]: row for row in (await client.get("/v1/risks?limit=200")).json()["items"]
    }
    assert {row["basis"] for row in found.values()} == {"fitted"}
    (head,) = (await client.get("/v1/risks/heads")).json()
    assert {row["head"] for row in found.values()} == {head["day"]}
    assert date.fromisoformat(head["day"]).toordinal() % EVERY == 0
    assert head["learned_from"] > 200
    assert head["backtest"][0]["auc"] > 0.9
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
