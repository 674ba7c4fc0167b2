"""Every consumed topic on a real database: what it leaves in the tables, in any order."""

import random
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from services.analytics.edges.consumer import HANDLERS
from shared.events import (
    AppError,
    AppOpened,
    Fault,
    Recovered,
    RegistryChanged,
    SetupStarted,
    TicketChanged,
)
from shared.events.topics import consumed_by
from tests.analytics.conftest import empty
from tests.analytics.play import DAY, HOUR, START, beat, claimed, described, feature, use

pytestmark = pytest.mark.servers

MONDAY = START.date()


async def inputs(player):
    """(customer, day, late): the counts that are not zero."""
    names = ("uses", "hours", "covered_s", "faults", "errors", "tickets")
    return {
        row[:3]: {name: value for name, value in zip(names, row[3:], strict=True) if value}
        for row in await player.rows("day_input")
    }


def test_every_consumed_topic_has_a_handler():
    assert set(HANDLERS) == {topic.name for topic in consumed_by("analytics")}


async def test_only_meaningful_uses_are_uses(player):
    await player.handle(
        use("ana", START + 9 * HOUR, count=3).event,
        use("ana", START + 9 * HOUR, by="automation").event,
        beat("ana", START + 9 * HOUR).event,
    )
    await player.handle(
        feature("ana", START + 11 * HOUR).event,
        AppOpened(at=START + 12 * HOUR, source="a", customer="ana"),
        AppError(at=START + 12 * HOUR, source="a", customer="ana", code="e1"),
    )
    assert await inputs(player) == {
        ("ana", MONDAY, 0): {
            "uses": 4,
            "hours": 1 << 9 | 1 << 11,
            "covered_s": 21_600,
            "errors": 1,
        }
    }


async def test_signals_are_counted_but_begin_nothing(player):
    def ticket(change, version):
        return TicketChanged(
            at=START, ticket="t", change=change, state="open", version=version, customer="ana"
        )

    await player.handle(
        Fault(at=START, source="d", customer="ana", code="sd"),
        Recovered(at=START, source="d", customer="ana", code="sd"),
    )
    await player.handle(ticket("opened", 1), ticket("commented", 2), ticket("reopened", 3))
    await player.handle(SetupStarted(at=START, source="d", customer="ana"))
    assert await inputs(player) == {("ana", MONDAY, 0): {"faults": 1, "tickets": 2}}
    assert await player.rows("customer") == []
    assert await player.rows("region_clock") == []


async def test_events_without_an_owner_have_no_effect(player):
    await player.handle(
        replace(use("x", START).event, customer=None),
        replace(beat("x", START).event, customer=None),
    )
    await player.handle(replace(feature("x", START).event, customer=None))
    assert await inputs(player) == {}
    assert await player.rows("customer") == []


async def test_a_customer_never_heard_of_lives_in_utc(player):
    await player.handle(use("ana", START + 23 * HOUR).event)
    await player.handle(use("ana", START - DAY).event, arrival=START)
    customers = await player.rows("customer")
    assert [(row[0], row[1], row[2], row[-1]) for row in customers] == [
        ("ana", "UTC", "default", MONDAY - timedelta(days=1))
    ]
    ((region, _, next_day, closed, due_at),) = await player.rows("region_clock")
    assert (region, next_day, closed) == ("default", MONDAY - timedelta(days=1), None)
    assert due_at - START == 6 * HOUR + timedelta(microseconds=1)


async def test_a_day_keeps_the_zone_it_was_recorded_with(player):
    """A zone heard of later moves later days only."""
    late = START + 23 * HOUR
    await player.handle(use("ana", late).event)
    await player.handle(described("ana", zone="Asia/Tokyo", region="apac"))
    await player.handle(use("ana", late + DAY).event)
    assert set(await inputs(player)) == {
        ("ana", MONDAY, 0),
        ("ana", MONDAY + timedelta(days=2), 0),
    }


async def test_usage_read_before_the_customer_is_described_starts_the_right_region(player):
    await player.handle(use("ana", START + 9 * HOUR).event)
    await player.handle(described("ana", zone="Europe/Berlin", region="eu"))
    clocks = {row[0]: row for row in await player.rows("region_clock")}
    assert clocks["eu"][2] == MONDAY
    assert await player.close_until(START + 2 * DAY) == 2
    assert [(r[0], r[3]) for r in await player.rows("day_close")] == [("default", 0), ("eu", 1)]


async def test_an_erased_customer_leaves_no_trace_from_then_on(player):
    await player.handle(described("ana", version=2, erased=True))
    await player.handle(use("ana", START).event, beat("ana", START).event)
    assert await inputs(player) == {}
    assert await player.close_until(START + 30 * DAY) == 0


async def test_the_registry_says_model_and_number_of_devices(player):
    later = claimed("ana", model="lock", at=START)
    await player.handle(later, claimed("ana", model="cam", at=START - DAY))
    gone = RegistryChanged(
        at=START + DAY,
        change="retired",
        source="d-ana",
        kind="device",
        version=3,
        previous_customer="ana",
    )
    await player.handle(gone)
    ((*_, model, _, devices, released_on, _, first_day),) = await player.rows("customer")
    assert (model, devices, released_on, first_day) == ("cam", 1, date(2026, 3, 3), None)


async def test_any_interleaving_of_topics_gives_the_same_rows(player):
    """Customers are described first; everything else comes in any order and batching."""
    people = [f"c-{n}" for n in range(5)]
    events = [
        event
        for n, c in enumerate(people)
        for event in (
            claimed(c, model=f"m{n}"),
            claimed(c, model="second", at=START),
            *(use(c, START + h * 7 * HOUR).event for h in range(12)),
            *(beat(c, START + h * 6 * HOUR, every_s=100_000).event for h in range(12)),
            *(feature(c, START + h * 9 * HOUR).event for h in range(9)),
            Fault(at=START + 5 * HOUR, source="d", customer=c, code="sd"),
        )
    ]
    rng = random.Random(7)
    seen = []
    for _ in range(3):
        await empty(player.engine)
        await player.handle(*[described(c, zone="Europe/Berlin", region="eu") for c in people])
        rng.shuffle(events)
        left = list(events)
        while left:
            topic = left[0].TOPIC
            batch = [e for e in left if topic == e.TOPIC][: rng.randint(1, 30)]
            left = [e for e in left if all(e is not taken for taken in batch)]
            await player.handle(*batch, arrival=START + 3 * DAY)
        seen.append(
            [await player.rows(table) for table in ("customer", "region_clock", "day_input")]
        )
    assert seen[0] == seen[1] == seen[2]
    assert {row[2] for row in seen[0][2]} == {0, 1, 2}
