"""Records in, stages out: on PostgreSQL, in any order and in any batches."""

import random
from datetime import timedelta

import pytest

from services.journey.handlers.stages.on_events import concerned
from shared.events import (
    AppError,
    AppOpened,
    CustomerChanged,
    Event,
    FeatureUsed,
    FirmwareUpdated,
    Heartbeat,
    IntegrationLinked,
    Rating,
    ReferralShared,
    RegistryChanged,
    RiskChanged,
    SetupCompleted,
    SetupStarted,
    StageChanged,
    TicketChanged,
    Usage,
)
from tests.journey.conftest import START, empty, state_of

pytestmark = pytest.mark.servers


def at(day, hour=10):
    return START + timedelta(days=day, hours=hour)


def use(day, hour=10, customer="c-1", **more):
    return Usage(at=at(day, hour), by="person", source="cam-1", customer=customer, **more)


def named(*events):
    return [(event, f"/cam-1/usage#aaaa:{n}") for n, event in enumerate(events)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(use(0), ("c-1",), id="use"),
        pytest.param(use(0, customer=None), (), id="unclaimed"),
        pytest.param(
            Usage(at=at(0), by="automation", customer="c-1"), (), id="automation"
        ),
        pytest.param(Heartbeat(at=at(0), every_s=60, customer="c-1"), (), id="heartbeat"),
        pytest.param(AppOpened(at=at(0), customer="c-1"), (), id="opened"),
        pytest.param(
            RegistryChanged(
                at=at(0), change="moved", source="cam-1", kind="device", version=2,
                customer="c-2", previous_customer="c-1",
            ),
            ("c-1", "c-2"),
            id="moved",
        ),
    ],
)  # fmt: skip
def test_whom_an_event_concerns(event, expected):
    assert tuple(concerned(event)) == expected


async def test_a_first_use_enters_a_stage_and_tells_it(handle, told, rows):
    await handle(*named(Heartbeat(at=at(0), every_s=60, customer="c-1"), use(1)))
    assert await told(StageChanged) == [
        StageChanged(at=at(1), customer="c-1", stage="first use", cause="/cam-1/usage#aaaa:1")
    ]
    changed = (await told(CustomerChanged))[0]
    assert (changed.version, changed.stage, changed.zone) == (1, "first use", "UTC")
    assert await rows("SELECT key FROM outbox") == [{"key": "c:c-1"}, {"key": "c:c-1"}]
    [one] = await rows("SELECT * FROM customer")
    assert (one["known"], one["stage"], one["stage_since"]) == (False, "first use", at(1))


async def test_heartbeats_alone_leave_no_trace(handle, rows):
    await handle(*named(*(Heartbeat(at=at(n), every_s=60, customer="c-1") for n in range(3))))
    assert await rows("SELECT id FROM customer") == []


async def test_uses_on_a_known_day_change_sums_only(handle, rows, told):
    await handle(*named(use(0, count=60), use(1, 8)))
    before = await rows("SELECT state FROM customer_state")
    [row] = await rows("SELECT * FROM customer")
    await handle((use(1, 9, count=2), "r1"), (use(1, 20), "r2"))
    [after] = await rows("SELECT * FROM customer")
    assert (after.pop("uses"), after.pop("last_use")) == (64, int(at(1, 20).timestamp()))
    assert (row.pop("uses"), row.pop("last_use")) == (61, int(at(1, 8).timestamp()))
    assert after == row
    assert await rows("SELECT state FROM customer_state") == before


async def test_a_use_before_the_first_of_a_known_day_is_not_routine(handle, rows):
    await handle(*named(use(0, count=60), use(1, 8)))
    await handle((use(1, 7), "earlier"), (use(1, 9), "later"))
    [row] = await rows(
        "SELECT s.state, c.uses FROM customer_state s JOIN customer c ON c.id = customer"
    )
    assert state_of(row["state"])["active"][1] == int(at(1, 7).timestamp())
    assert row["uses"] == 63


async def test_a_late_event_is_told_as_a_revision(handle, told, rows):
    await handle(*named(*(use(day) for day in range(1, 10))))
    await handle((use(0), "late"))
    new = (await told(StageChanged))[2:]
    assert [(one.stage, one.at, one.revised, one.cause) for one in new] == [
        ("first use", at(0), True, "late"),
        ("engaged", at(7), True, "/cam-1/usage#aaaa:6"),
    ]
    assert await rows("SELECT n, stage, at FROM stage_history ORDER BY n") == [
        {"n": 0, "stage": "first use", "at": at(0)},
        {"n": 1, "stage": "engaged", "at": at(7)},
    ]


async def test_timers_fire_at_their_due_time_and_not_before(handle, fire, rows, told):
    await handle(*named(use(0), use(5)))
    due = at(51, 0)
    await fire(due - timedelta(seconds=1))
    assert [row["stage"] for row in await rows("SELECT stage FROM customer")] == ["first use"]
    await fire(due)
    newest = (await told(StageChanged))[-1]
    assert (newest.stage, newest.at, newest.cause, newest.revised) == (
        "lapsed", due, "timer:days_since_use", False,
    )  # fmt: skip
    assert (await told(CustomerChanged))[-1].stage == "lapsed"
    assert await rows("SELECT due_at FROM customer") == [{"due_at": None}]


async def test_a_new_day_moves_no_timer_row(handle, rows):
    """The timer stays where it was and finds nothing when it fires: one write saved a day."""
    await handle(*named(use(0)))
    [before] = await rows("SELECT due_at FROM customer")
    await handle((use(1), "next"))
    assert await rows("SELECT due_at FROM customer") == [before]
    assert before["due_at"] == at(46, 0)


async def test_customers_not_told_for_a_day_are_told_again_under_the_same_version(
    handle, fire, told
):
    await handle(*named(use(0)), now=START)
    await fire(START + timedelta(hours=23))
    assert len(await told(CustomerChanged)) == 1
    await fire(START + timedelta(hours=24))
    first, second = await told(CustomerChanged)
    assert (first.version, second.version) == (1, 1)
    assert first.stage == second.stage
    await fire(START + timedelta(hours=47))
    assert len(await told(CustomerChanged)) == 2


STORY: list[Event] = [
    *(use(day, hour) for day in range(14) for hour in (8, 21)),
    *(FeatureUsed(at=at(day, 7), feature="x", source="a", customer="c-1") for day in (2, 9, 70)),
    *(use(day, customer="c-2") for day in (0, 3, 30)),
    SetupStarted(at=at(0, 1), source="cam-1", customer="c-1"),
    SetupCompleted(at=at(0, 2), source="cam-1", customer="c-1"),
    IntegrationLinked(at=at(4), platform="alexa", source="cam-1", customer="c-1"),
    Rating(at=at(5), stars=5, source="a", customer="c-1"),
    ReferralShared(at=at(12), source="a", customer="c-2"),
    AppError(at=at(6), code="e", source="a", customer="c-1"),
    RegistryChanged(
        at=at(0, 0), change="claimed", source="cam-1", kind="device", version=1, customer="c-1",
        model="cam", firmware="1.0",
    ),
    FirmwareUpdated(at=at(5), to_firmware="2.0", source="cam-1", customer="c-1"),
    RegistryChanged(
        at=at(20), change="moved", source="cam-1", kind="device", version=2, customer="c-2",
        previous_customer="c-1",
    ),
    RegistryChanged(
        at=at(-1), change="adopted", source="cam-1", kind="device", version=1, customer="c-1",
        adopted="setup_started", adopted_id="/cam-1/lifecycle#b:0",
    ),
    TicketChanged(at=at(3), ticket="t", change="opened", state="open", version=1, customer="c-1"),
    TicketChanged(
        at=at(8), ticket="t", change="resolved", state="resolved", version=2, customer="c-1"
    ),
    RiskChanged(
        at=at(30), customer="c-1", tier="at_risk", previous="none", why="usage_drop",
        day=at(29).date(),
    ),
]  # fmt: skip


async def whole(rows):
    customers = await rows(
        "SELECT id, stage, stage_since, entries, uses, last_use, routine_from, routine_to"
        " FROM customer ORDER BY id"
    )
    states = await rows("SELECT customer, state FROM customer_state ORDER BY customer")
    history = await rows("SELECT * FROM stage_history ORDER BY customer, n")
    devices = await rows("SELECT * FROM device ORDER BY id")
    return (
        customers,
        [(row["customer"], state_of(row["state"])) for row in states],
        history,
        devices,
    )


async def test_any_interleaving_of_topics_and_batches_gives_the_same_rows(
    engine, handle, fire, rows
):
    story = named(*STORY)
    topics = {event.TOPIC for event, _ in story}
    end = at(200)
    for topic in sorted(topics):
        await handle(*[one for one in story if topic == one[0].TOPIC])
    await fire(end)
    expected = await whole(rows)
    assert [row["stage"] for row in expected[2]] == [
        "onboarding", "first use", "engaged", "advocate", "lapsed", "first use", "lapsed",
        "first use", "lapsed",
    ]  # fmt: skip
    (device,) = expected[3]
    assert (device["customer"], device["model"], device["firmware"]) == ("c-2", "cam", "2.0")

    for seed in range(6):
        shuffle = random.Random(seed)
        await empty(engine)
        left = {topic: [one for one in story if topic == one[0].TOPIC] for topic in topics}
        for queue in left.values():
            shuffle.shuffle(queue)
        while any(left.values()):
            topic = shuffle.choice(sorted(t for t in topics if left[t]))
            size = shuffle.randint(1, 12)
            batch, left[topic] = left[topic][:size], left[topic][size:]
            await handle(*batch)
            if shuffle.random() < 0.3:
                await fire(at(shuffle.randint(0, 90)))
        await fire(end)
        assert await whole(rows) == expected, f"seed {seed}"
