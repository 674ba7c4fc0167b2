"""Closing a day on a real database: exactly once, the same bits from any order, mended by late data."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from services.analytics.domain.days import slices
from shared.events import DataOutage, RiskChanged
from shared.events.codec import decode
from shared.stream.transaction import transaction
from tests.analytics.conftest import empty
from tests.analytics.player import (
    DAY,
    HOUR,
    START,
    beats,
    claimed,
    close_days,
    delayed,
    described,
    feature,
    uses,
)

pytestmark = pytest.mark.servers

PEOPLE = [f"c-{n:02d}" for n in range(16)]
STOPPED = PEOPLE[:2]


def usage(days: int, stop: int = 10_000):
    """Sixteen customers with three hours of use a day; the first two stop on day `stop`."""
    log = []
    for n, customer in enumerate(PEOPLE):
        log += beats(customer, 0, days)
        last = min(stop, days) if customer in STOPPED else days
        hours = sorted({(5 + n) % 24, (11 + 3 * n) % 24, 19})
        log += uses(customer, 0, last, hours)
        log += [feature(customer, START + day * DAY + 13 * HOUR) for day in range(0, last, 3)]
    return log


async def describe(player):
    await player.handle(*[described(c, zone="Europe/Berlin", region="eu") for c in PEOPLE])
    await player.handle(*[claimed(c) for c in PEOPLE])


async def emitted(player):
    async with player.engine.connect() as connection:
        rows = await connection.execute(text("SELECT id, key, value FROM outbox ORDER BY position"))
        return [(r.id, r.key, decode(r.value)) for r in rows]


async def everything(player):
    """All that closings wrote, and what they told."""
    tables = ("day_close", "state", "risk", "finding", "region_clock", "day_input", "customer")
    return {
        "told": sorted((id_, key) for id_, key, _ in await emitted(player)),
        **{table: await player.rows(table) for table in tables},
    }


async def test_customers_who_stop_are_found_told_and_found_again(player):
    """Watched once a vacation is unlikely, at risk when it has held, fine when they return."""
    log = usage(72, stop=20)
    log += [one for c in STOPPED for one in uses(c, 62, 72)]
    await describe(player)
    await player.play(log, until=START + 73 * DAY)
    by_customer = {c: [] for c in PEOPLE}
    for _, key, event in await emitted(player):
        assert key == f"c:{event.customer}"
        by_customer[event.customer].append((event.tier, event.previous, event.why))
        if event.tier == "watch":
            assert (event.day - (START + 20 * DAY).date()).days in range(9, 28)
            assert event.onset in {(START + n * DAY).date() for n in range(18, 24)}
            assert event.severity > 0.7
            assert event.expected_per_day > 2.0
            assert event.at == START + ((event.day - START.date()).days + 1) * DAY + 5 * HOUR - (
                HOUR if event.day >= date(2026, 3, 29) else timedelta()
            )
    found = {c: told for c, told in by_customer.items() if told}
    story = [
        ("watch", "none", "usage_drop"),
        ("at_risk", "watch", "usage_drop"),
        ("none", "at_risk", "recovered"),
    ]
    assert found == dict.fromkeys(STOPPED, story)


async def test_any_order_batching_and_slices_give_the_same_bits(player, monkeypatch):
    """Late data, different partitions, moments of closing, slices: every row is equal."""
    log = [
        delayed(one, timedelta(hours=n % 60)) if n % 11 == 0 else one
        for n, one in enumerate(usage(44, stop=16))
    ]
    seen = []
    for seed, size in ((1, slices.SLICE), (2, 5)):
        monkeypatch.setattr(slices, "SLICE", size)
        await empty(player.engine)
        await describe(player)
        await player.play(log, seed=seed, until=START + 45 * DAY)
        seen.append(await everything(player))
    assert seen[0] == seen[1]
    assert len(seen[0]["day_close"]) == 44
    assert seen[0]["told"]


async def posterior(player, customer):
    async with player.engine.connect() as connection:
        row = await connection.execute(
            text("SELECT day, posterior, reporting_days FROM risk WHERE customer = :c"),
            {"c": customer},
        )
        return row.one()


async def play_late(player, late: timedelta, until: int):
    """One customer's last two days of use come `late`; then two quiet closings follow."""
    log, held = usage(8), []
    for n, one in enumerate(log):
        customer, day = one.event.customer, (one.event.at - START) // DAY
        if customer == PEOPLE[5] and day in (4, 5):
            log[n] = delayed(one, late)
            held.append(one)
    assert len(held) >= 10
    await empty(player.engine)
    await describe(player)
    await player.play(log, until=START + until * DAY)
    return await player.rows("state")


async def test_late_data_mends_a_day_for_two_more_closings(player):
    in_time = await play_late(player, timedelta(0), 10)
    a_day_late = await play_late(player, timedelta(hours=24), 10)
    too_late = await play_late(player, timedelta(hours=90), 10)
    mine = [row[0] for row in in_time].index(PEOPLE[5])
    assert a_day_late == in_time
    assert too_late[mine] != in_time[mine]


async def test_too_late_data_is_kept_without_effect(player, client):
    await play_late(player, timedelta(hours=90), 10)
    days = (await client.get(f"/v1/customers/{PEOPLE[5]}/days")).json()
    mended = {d["day"]: d for d in days}[(START + 4 * DAY).date().isoformat()]
    assert mended["uses"] == mended["late_uses"] > 0
    assert mended["reported"]


async def test_two_closers_close_a_day_once(player):
    await describe(player)
    await player.play(usage(3), until=START + 2 * DAY)
    now = START + 3 * DAY + 5 * HOUR + timedelta(microseconds=1)

    async def close_once():
        async with transaction(player.engine, "analytics", now) as tx:
            fired = await close_days(tx)
            await asyncio.sleep(0)
            return fired

    before = len(await player.rows("day_close"))
    fired = await asyncio.gather(*(close_once() for _ in range(8)))
    assert sum(fired) == len(await player.rows("day_close")) - before == 2


async def test_a_day_closes_when_all_before_its_time_has_arrived(player):
    """A record that arrives at T_close is in time, so T_close itself is too early."""
    await describe(player)
    await player.handle(*[one.event for one in usage(1) if one.event.TOPIC == "device.usage"])
    closing = START + DAY + 5 * HOUR  # 06:00 in Berlin
    assert await player.close_until(closing) == 0
    assert await player.close_until(closing + timedelta(microseconds=1)) == 1
    assert await player.close_until(closing + 12 * HOUR) == 0


async def test_a_cohort_that_drops_is_told_once(player):
    """A server outage on two days: one event, and no customer is blamed."""
    log = [
        one
        for one in usage(26)
        if "heartbeat" in one.event.type_name() or (one.event.at - START) // DAY not in (20, 21)
    ]
    await describe(player)
    await player.play(log, until=START + 27 * DAY)
    told = [(key, event) for _, key, event in await emitted(player)]
    assert [(key, e.cohort, e.day, e.members) for key, e in told] == [
        ("cohort:eu", "eu", (START + 20 * DAY).date(), 16)
    ]
    assert told[0][1].factor < 0.2


async def test_a_device_that_falls_silent_is_another_reason(player):
    """No heartbeat and no use: nobody stopped using, the device cannot be reached."""
    silent = PEOPLE[7]
    log = [
        one
        for one in usage(38)
        if one.event.customer != silent or not 16 <= (one.event.at - START) // DAY < 34
    ]
    await describe(player)
    await player.play(log, until=START + 39 * DAY)
    told = [
        (e.customer, e.tier, e.why, (e.day - START.date()).days)
        for _, _, e in await emitted(player)
    ]
    assert told == [
        (silent, "at_risk", "device_unreachable", 29),
        (silent, "none", "recovered", 34),
    ]


async def test_a_short_outage_of_one_home_is_no_drop(player):
    log = [
        one
        for one in usage(30)
        if one.event.customer != PEOPLE[7] or not 16 <= (one.event.at - START) // DAY < 26
    ]
    await describe(player)
    await player.play(log, until=START + 31 * DAY)
    assert await emitted(player) == []


SILENT = [f"s-{n}" for n in range(6)]


async def test_a_small_cohort_that_falls_silent_is_an_outage_and_nobodys_risk(player):
    """Six cameras of one model: told once, two weeks not judged, then each is judged alone."""
    await describe(player)
    await player.handle(*[described(c, region="eu", plan="plus") for c in SILENT])
    await player.handle(*[claimed(c, model="old") for c in SILENT])
    log = list(usage(44))
    for customer in SILENT:
        log += [*uses(customer, 0, 20), *beats(customer, 0, 20)]
    await player.play(log, until=START + 45 * DAY)
    outages = [e for _, _, e in await emitted(player) if isinstance(e, DataOutage)]
    assert [(e.cohort, e.day, e.customers) for e in outages] == [
        ("old/plus/eu", (START + 20 * DAY).date(), 6)
    ]
    told = [e.customer for _, _, e in await emitted(player) if isinstance(e, RiskChanged)]
    assert not set(told) & set(SILENT)
    async with player.engine.connect() as connection:
        query = text("SELECT silent_days FROM risk WHERE customer = 's-0'")
        assert await connection.scalar(query) == 10, "two weeks passed over it"
