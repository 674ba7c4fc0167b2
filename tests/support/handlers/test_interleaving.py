"""Whatever order the topics are read in, the rows, the history and what was told come out equal.

Each topic keeps its own order; batches are cut anywhere; timers fire at any moment up to the
watermark, the time that all topics have reached.
"""

import asyncio
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.support.handlers.customers.on_app_usage import on_app_usage
from services.support.handlers.customers.on_customer_changed import on_customer_changed
from services.support.handlers.devices.on_device_lifecycle import on_device_lifecycle
from services.support.handlers.devices.on_registry_changed import on_registry_changed
from services.support.handlers.faults.fire_due import fire_due
from services.support.handlers.faults.on_device_fault import on_device_fault
from shared.events import AppError, CustomerChanged, FirmwareUpdated, HelpViewed
from tests.support.build import BOOT, NOON, at, fault, record, recovered, registry
from tests.support.twin import Twin

END = NOON + timedelta(days=400)

MINUTES = st.integers(0, 400)
SPOTS = st.tuples(
    st.sampled_from([fault, fault, recovered]),
    MINUTES,
    st.sampled_from(["sd_card", "lens"]),
    st.sampled_from(["info", "error", "critical"]),
)


@st.composite
def stories(draw):
    """Events by topic, each topic in its order; the device has one owner after another, then ends."""
    moved, retired = draw(st.integers(50, 300)), draw(st.sampled_from([150, 350, 100_000]))
    registrations = [
        registry(1, "registered", -100, firmware="1.0"),
        registry(2, "claimed", -90, customer="ana"),
        registry(3, "moved", moved, customer="bo", previous_customer="ana"),
    ]
    if retired < 400:
        registrations.append(registry(4, "retired", retired))
    reports = []
    for seq, (make, minute, code, severity) in enumerate(draw(st.lists(SPOTS, max_size=25))):
        owner = "ana" if minute < moved else "bo"
        customer = None if minute >= retired else owner
        more = {"severity": severity} if make is fault else {}
        reports.append(make(minute, seq, code=code, customer=customer, **more))
    if draw(st.booleans()):
        reports.sort(key=lambda one: one.at)  # else a device that sends the newest first
    lifecycle = [
        FirmwareUpdated(
            at=at(m), source="cam-1", customer="ana", to_firmware=f"1.{m}", boot=BOOT, seq=n
        )
        for n, m in enumerate(draw(st.lists(MINUTES, max_size=4)))
    ]
    customers = [
        CustomerChanged(at=at(v), customer="ana", version=v, plan=f"plan {v}")
        for v in draw(st.lists(st.integers(1, 6), max_size=4))
    ]
    apps = [
        kind(at=at(m), source="app-1", customer="ana", boot=BOOT, seq=n, **more)
        for n, (m, (kind, more)) in enumerate(
            draw(
                st.lists(
                    st.tuples(
                        MINUTES,
                        st.sampled_from(
                            [(AppError, {"code": "e"}), (HelpViewed, {"article": "a"})]
                        ),
                    ),
                    max_size=6,
                )
            )
        )
    ]
    return [registrations, reports, lifecycle, customers, apps]


CLOCKS = st.sampled_from([0, 0, -180, -1_000, 7, 1_200])  # minutes a device's clock is off
COUNTERS = st.sampled_from([BOOT, BOOT, "1f1c2ab37d405e68", None])


@st.composite
def stories_of_bad_clocks(draw):
    """The same, told by a clock that jumps, counts anew, or does not count; received in order."""
    topics = draw(stories())
    told, received_at, seqs = [], NOON, {}
    for report in topics[1]:
        received_at += timedelta(minutes=draw(st.sampled_from([0, 0, 5, 20])))
        clock = received_at + timedelta(minutes=draw(CLOCKS))
        boot = draw(COUNTERS)
        seq = seqs[boot] = None if boot is None else seqs.get(boot, 0) + 1
        more = {"received_at": received_at, "boot": boot, "seq": seq}
        sent = clock if draw(st.booleans()) else None
        told.append(replace(report, at=clock.replace(second=0), sent=sent, **more))
    return [topics[0], told, *topics[2:]]


async def handle(twin: Twin, topic: int, batch):
    await (
        on_registry_changed,
        on_device_fault,
        on_device_lifecycle,
        on_customer_changed,
        on_app_usage,
    )[topic](twin.unit(), batch)


async def fire(twin: Twin, until: datetime):
    while await fire_due(twin.unit(until), 500):
        pass


async def play(topics, choose) -> Twin:
    """Read everything; `choose(topics with records left)` gives (topic, how many, fire?)."""
    twin = Twin()
    waiting = [[record(e, offset=n) for n, e in enumerate(topic)] for topic in topics]
    while left := [n for n, topic in enumerate(waiting) if topic]:
        topic, size, fires = choose(left)
        batch, waiting[topic] = waiting[topic][:size], waiting[topic][size:]
        await handle(twin, topic, batch)
        if fires:
            ahead = [happened(one.event) for topic in waiting for one in topic]
            await fire(twin, min(ahead, default=END))
    await fire(twin, END)
    return twin


def happened(event):
    """When a record can act at the latest."""
    received_at = getattr(event, "received_at", None)
    return event.at if received_at is None else min(event.at, received_at)


@pytest.mark.slow
@settings(max_examples=150)
@given(stories() | stories_of_bad_clocks(), st.data())
def test_any_interleaving_of_topics_gives_the_same(topics, data):
    plain = asyncio.run(play(topics, lambda left: (left[0], 1_000, False)))

    def choose(left):
        return data.draw(
            st.tuples(st.sampled_from(left), st.integers(1, 8), st.booleans()), label="next"
        )

    mixed = asyncio.run(play(topics, choose))
    assert mixed.all_rows() == plain.all_rows()


@pytest.mark.slow
@settings(max_examples=50)
@given(stories() | stories_of_bad_clocks())
def test_every_fault_of_an_owned_device_is_one_line_of_history(topics):
    twin = asyncio.run(play(topics, lambda left: (left[-1], 3, True)))
    owned = [one for one in topics[1] if one.customer is not None and hasattr(one, "severity")]
    lines = [entry for entry in twin.history.rows.values() if entry.what == "fault"]
    assert len(lines) == len(owned) == sum(each.faults for each in twin.fault_facts.rows.values())


@pytest.mark.slow
@settings(max_examples=30)
@given(stories_of_bad_clocks())
def test_no_ticket_is_dated_after_the_last_receipt(topics):
    twin = asyncio.run(play(topics, lambda left: (left[0], 1_000, False)))
    latest = max((one.received_at for one in topics[1]), default=NOON)
    for made in twin.tickets.rows.values():
        seen = twin.fault_facts.rows[made.id].last_seen
        assert max(made.opened_at, seen, made.reopened_at or NOON) <= latest
