"""Every consumed topic on a real database: what it leaves in the tables, in any order."""

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from services.analytics.store.days.days import Days
from services.analytics.store.tables import metadata
from shared.events import (
    AppError,
    AppOpened,
    Fault,
    FirmwareUpdated,
    Recovered,
    RegistryChanged,
    SetupStarted,
    TicketChanged,
)
from shared.events.topics import consumed_by
from tests.analytics.conftest import empty
from tests.analytics.player import (
    DAY,
    HANDLERS,
    HOUR,
    START,
    beat,
    claimed,
    described,
    feature,
    use,
)

pytestmark = pytest.mark.servers

MONDAY = START.date()


async def inputs(player, *customers):
    """(customer, day): the counts that are not zero, as people see them."""
    seen = {}
    async with player.engine.connect() as connection:
        for customer in customers:
            days = await Days(connection).last(customer, 400)
            for day, one in ({} if days is None else days).items():
                seen[customer, day] = {n: v for n, v in one._asdict().items() if v}
    return seen


async def appended(player):
    """Customers with recent inputs."""
    return sorted({row[0] for row in await player.rows("recent_input")})


async def customer(player, id_="ana"):
    (row,) = [row for row in await player.rows("customer") if row[0] == id_]
    return SimpleNamespace(
        **dict(zip(metadata.tables["customer"].columns.keys(), row, strict=True))
    )


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
    assert await inputs(player, "ana") == {
        ("ana", MONDAY): {
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
    assert await player.rows("customer") == []
    assert await player.rows("region_clock") == []
    await player.handle(use("ana", START + HOUR).event)
    assert await inputs(player, "ana") == {
        ("ana", MONDAY): {"uses": 1, "hours": 2, "faults": 1, "tickets": 2}
    }


async def test_events_without_an_owner_have_no_effect(player):
    await player.handle(
        replace(use("x", START).event, customer=None),
        replace(beat("x", START).event, customer=None),
    )
    await player.handle(replace(feature("x", START).event, customer=None))
    assert await appended(player) == []
    assert await player.rows("customer") == []


async def test_a_customer_never_heard_of_lives_in_utc(player):
    await player.handle(use("ana", START + 23 * HOUR).event)
    await player.handle(use("ana", START - DAY).event, arrival=START)
    assert (await customer(player)).began == START
    assert (await customer(player)).regions == ["default"]
    assert set(await inputs(player, "ana")) == {
        ("ana", MONDAY),
        ("ana", MONDAY - timedelta(days=1)),
    }
    ((region, _, next_day, closed, due_at),) = await player.rows("region_clock")
    assert (region, next_day, closed) == ("default", MONDAY, None)
    assert due_at - START == DAY + 6 * HOUR + timedelta(microseconds=1)


async def test_a_day_is_that_of_the_zone_the_customer_was_in_then(player):
    """A zone heard of after the use counts for it; one that counts from later on does not."""
    late = START + 23 * HOUR
    await player.handle(use("ana", late).event, use("ana", late + 2 * DAY).event)
    await player.handle(described("ana", zone="Asia/Tokyo", region="apac"))
    await player.handle(described("ana", version=2, zone="UTC", region="apac", at=START + 2 * DAY))
    assert set(await inputs(player, "ana")) == {
        ("ana", MONDAY + timedelta(days=1)),
        ("ana", MONDAY + timedelta(days=2)),
    }


@pytest.mark.parametrize("usage_first", [True, False])
async def test_which_region_closes_does_not_depend_on_what_was_read_first(player, usage_first):
    told = [use("ana", START + 9 * HOUR).event, described("ana", zone="Europe/Berlin", region="eu")]
    for event in told if usage_first else reversed(told):
        await player.handle(event)
    await player.close_until(START + 2 * DAY)
    assert [(r[0], r[1], r[3]) for r in await player.rows("day_close")] == [("eu", MONDAY, 1)]


async def test_a_final_day_is_kept_as_totals_and_its_inputs_go(player):
    await player.handle(described("ana", zone="Europe/Berlin", region="eu"))
    for day in range(3):
        await player.handle(
            use("ana", START + day * DAY + 9 * HOUR, count=2).event,
            beat("ana", START + day * DAY + 9 * HOUR).event,
        )
    shown = await inputs(player, "ana")
    assert await player.rows("day_input") == []
    await player.close_until(START + 3 * DAY + 6 * HOUR)
    assert [row[:6] for row in await player.rows("day_input")] == [
        ("ana", MONDAY, 0, 2, 1 << 10, 21_600)
    ]
    assert len(await player.rows("recent_input")) == 2
    assert await inputs(player, "ana") == shown


async def test_what_comes_when_its_day_is_final_is_added_as_late(player):
    await player.handle(described("ana", region="eu"))
    await player.handle(use("ana", START + 9 * HOUR).event)
    await player.close_until(START + 4 * DAY)
    await player.handle(use("ana", START + 9 * HOUR, count=3).event, arrival=START + 4 * DAY)
    assert (await inputs(player, "ana"))["ana", MONDAY]["late_uses"] == 3
    await player.close_until(START + 5 * DAY + 7 * HOUR)
    assert await appended(player) == []
    assert [row[:4] for row in await player.rows("day_input")] == [
        ("ana", MONDAY, 0, 1),
        ("ana", MONDAY, 3, 3),
    ]
    assert (await inputs(player, "ana"))["ana", MONDAY] == {
        "uses": 4,
        "hours": 1 << 9,
        "late_uses": 3,
    }


async def test_inputs_of_somebody_who_never_begins_are_kept_for_a_month(player):
    await player.handle(described("kim"), described("ana"))
    await player.handle(Fault(at=START, source="d", customer="kim", code="sd"))
    for day in (0, 26, 30):
        await player.handle(use("ana", START + day * DAY).event)
        await player.close_until(START + (day + 2) * DAY)
        assert ("kim" in await appended(player)) is (day < 30)


async def test_an_erased_customer_leaves_no_trace_from_then_on(player):
    await player.handle(described("ana", version=2, erased=True))
    await player.handle(use("ana", START).event, beat("ana", START).event)
    assert await appended(player) == []
    assert await player.close_until(START + 30 * DAY) == 0


async def test_an_erasure_takes_what_is_not_final_along(player):
    await player.handle(described("ana"), described("kim"))
    for id_ in ("ana", "kim"):
        await player.handle(use(id_, START + 9 * HOUR).event)
    gone = described("ana", version=2, erased=True, at=START + 10 * HOUR)
    await player.handle(gone)
    assert await inputs(player, "ana") == {}
    await player.close_until(START + 3 * DAY)
    assert await appended(player) == ["kim"]
    assert {row[0] for row in await player.rows("state")} == {"kim"}


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
    known = await customer(player)
    updated = FirmwareUpdated(
        at=START + DAY, source="d-ana", customer="ana", to_firmware="1.1", from_firmware="1.0"
    )
    ownerless = FirmwareUpdated(at=START + DAY, source="d-9", to_firmware="1.1")
    await player.handle(updated, ownerless)
    known = await customer(player)
    assert (known.fitted, known.began) == (
        [["2026-03-01", "cam", None], ["2026-03-02", "lock", None], ["2026-03-03", "lock", "1.1"]],
        None,
    )
    assert known.owned == [["2026-03-01", 1], ["2026-03-02", 1], ["2026-03-03", -1]]


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
        shown = await inputs(player, *people)
        await player.close_until(START + 9 * DAY)
        assert await inputs(player, *people) == shown
        tables = ("customer", "region_clock", "day_input")
        seen.append([shown, *[await player.rows(table) for table in tables]])
    assert seen[0] == seen[1] == seen[2]
    assert {row[2] for row in seen[0][3]} == {0, 1, 2}
