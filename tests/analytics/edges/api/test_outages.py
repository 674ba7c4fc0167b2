"""Who is not judged because collection failed, over HTTP, after a fleet has lived through it."""

import json
from datetime import date

import pytest
from sqlalchemy import text

from tests.analytics.player import DAY, START, beats, claimed, described, uses

pytestmark = pytest.mark.servers
SILENT = [f"s-{n}" for n in range(6)]
HEARD = [f"h-{n}" for n in range(3)]


async def test_an_outage_says_whom_it_holds_harmless(client, player):
    await player.handle(*[described(c, region="eu", plan="plus") for c in SILENT + HEARD])
    await player.handle(*[claimed(c, model="old") for c in SILENT])
    await player.handle(*[claimed(c, model="new") for c in HEARD])
    log = [one for c in HEARD for one in (*uses(c, 0, 12), *beats(c, 0, 12))]
    log += [one for c in SILENT for one in (*uses(c, 0, 8), *beats(c, 0, 8))]
    await player.play(log, until=START + 12 * DAY)
    assert (await client.get("/v1/risks/outages")).json() == [
        {
            "region": "eu", "model": "old", "plan": None, "customers": 6,
            "since": (START + 8 * DAY).date().isoformat(),
        }
    ]  # fmt: skip
    listed = (await client.get("/v1/risks?outage=true&model=old")).json()["items"]
    assert [each["customer"] for each in listed] == SILENT
    assert {each["silent_days"] for each in listed} == {0}
    of_one = (await client.get("/v1/customers/s-0/days")).json()
    assert [each["outage"] for each in of_one] == [False] * len(of_one)  # up to the newest input


async def test_a_decline_says_whom_it_holds_harmless(client, player):
    """What a closing froze of a cohort, shown in the fewest words; the others are not of it."""
    await player.handle(*[described(c, region="eu", plan="plus") for c in SILENT + HEARD])
    await player.handle(*[claimed(c, model="old") for c in SILENT])
    await player.handle(*[claimed(c, model="new") for c in HEARD])
    log = [one for c in SILENT + HEARD for one in (*uses(c, 0, 3), *beats(c, 0, 3))]
    await player.play(log, until=START + 4 * DAY)
    assert (await client.get("/v1/risks/declines")).json() == []
    since = (START + 2 * DAY).date()
    frozen = {"old/plus": {"members": 6, "trend": 0.75, "falling": since.toordinal()}}
    async with player.engine.begin() as connection:
        await connection.execute(
            text("UPDATE day_close SET provisional = provisional || CAST(:more AS jsonb)"),
            {"more": json.dumps(frozen)},
        )
    assert (await client.get("/v1/risks/declines")).json() == [
        {
            "region": "eu", "model": "old", "plan": None, "customers": 6,
            "share": 0.75, "since": since.isoformat(),
        }
    ]  # fmt: skip


async def test_a_plot_knows_vacations_and_outages_from_days_of_nothing(client, player):
    """Both are over: somebody was on vacation, then half of the fleet was not heard."""
    await player.handle(*[described(c, region="eu", plan="plus") for c in SILENT + HEARD])
    await player.handle(*[claimed(c, model="old") for c in SILENT])
    await player.handle(*[claimed(c, model="new") for c in HEARD])
    log = [one for c in HEARD for one in (*uses(c, 0, 20), *beats(c, 0, 20))]
    for c in SILENT:
        used = [(0, 3), (13, 15), (18, 20)] if c == "s-0" else [(0, 15), (18, 20)]
        log += [one for span in used for one in uses(c, *span)]
        log += [*beats(c, 0, 15), *beats(c, 18, 20)]
    await player.play(log, until=START + 21 * DAY)
    told = (await client.get("/v1/customers/s-0/days")).json()
    first = date.fromisoformat(told[0]["day"])

    def days_that_are(word):
        return [(date.fromisoformat(day["day"]) - first).days for day in told if day[word]]

    assert days_that_are("away") == list(range(3, 13))
    assert days_that_are("outage") == [15, 16, 17]
    others = (await client.get("/v1/customers/h-0/days")).json()
    assert not any(day["away"] or day["outage"] for day in others)
