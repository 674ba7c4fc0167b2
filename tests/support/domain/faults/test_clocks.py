"""A device's clock is evidence: what a counter, a receipt or a person says stands above it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.support.domain.customers.customer import Customer, app_used
from services.support.domain.devices.device import Device, firmware_updated
from services.support.domain.faults import reports, timers
from services.support.domain.tickets.ticket import Resolution, State
from shared.events import AppOpened, FirmwareUpdated
from tests.support.build import (
    BOOT,
    DAY,
    HOUR,
    NOON,
    RULES,
    at,
    fault,
    numbered,
    recovered,
    resolved_ticket,
    work_of,
)

OTHER_BOOT = "1f1c2ab37d405e68"  # sorts before BOOT
UNCOUNTED = {"boot": None, "seq": None}


def told(make, minute, received=None, seq=1, boot=BOOT, **more):
    """A report whose clock says `minute` and that we received at `received`."""
    sent = more.pop("sent", None)
    return make(
        minute,
        seq=seq,
        boot=boot,
        received_at=None if received is None else at(received),
        sent=None if sent is None else at(sent),
        **more,
    )


def fold(start, *given):
    reports.fold(start, [(f"cause-{n}", one) for n, one in enumerate(given)], RULES)
    return start


# clock of the device and receipt, minutes; the state that counts is that of the last
@pytest.mark.parametrize(
    "clocks",
    [
        pytest.param([(0, 0), (0, 0)], id="the same second"),
        pytest.param([(0, 0), (-180, 1)], id="set back three hours"),
        pytest.param([(1_200, 0), (1, 1)], id="was twenty hours ahead"),
        pytest.param([(0, 0), (1_200, 1)], id="jumps ahead"),
    ],
)
@pytest.mark.parametrize("makes", [(fault, recovered), (recovered, fault)])
def test_with_a_counter_the_later_number_counts(clocks, makes):
    given = [
        told(make, clock, receipt, seq=n)
        for n, (make, (clock, receipt)) in enumerate(zip(makes, clocks, strict=True))
    ]
    assert fold(work_of(), *given).state.faulty is (makes[-1] is fault)
    assert fold(work_of(), *reversed(given)).state.faulty is (makes[-1] is fault)


@given(st.permutations(range(6)), st.lists(st.integers(-300, 300), min_size=6, max_size=6))
def test_whatever_order_they_come_in_the_highest_number_counts(order, clocks):
    given = [
        told(fault if seq % 2 else recovered, clocks[seq], n, seq=seq)
        for n, seq in enumerate(order)
    ]
    episode = fold(work_of(), *given).state
    assert (episode.last.seq, episode.faulty, episode.faults) == (5, True, 3)


@pytest.mark.parametrize(
    ("clocks", "more"),
    [
        pytest.param([(0, 0), (0, 0)], {}, id="the same second and receipt"),
        pytest.param([(0, 0), (0, 1)], {}, id="the same second"),
        pytest.param([(1_200, 0), (1, 1)], {}, id="was twenty hours ahead"),
        pytest.param([(3, 0), (2, 1)], {}, id="is three minutes ahead, received in order"),
    ],
)
@pytest.mark.parametrize("makes", [(fault, recovered), (recovered, fault)])
def test_without_a_counter_the_later_received_of_equal_times_counts(clocks, more, makes):
    given = [
        told(make, clock, receipt, **UNCOUNTED, **more)
        for make, (clock, receipt) in zip(makes, clocks, strict=True)
    ]
    assert fold(work_of(), *given).state.faulty is (makes[-1] is fault)


def test_without_a_counter_an_older_time_is_late():
    work = fold(work_of(), told(recovered, 10, 11, **UNCOUNTED), told(fault, 5, 12, **UNCOUNTED))
    assert not work.state.faulty


FIRST, LAST = (datetime(year, 6, 1, tzinfo=UTC) for year in (1, 9999))


@pytest.mark.parametrize(
    ("sent", "raw_at"),
    [
        pytest.param(LAST, FIRST, id="sent at the end of time, seen at its beginning"),
        pytest.param(FIRST, LAST, id="the other way round"),
        pytest.param(LAST, NOON, id="sent at the end of time"),
        pytest.param(NOON, FIRST, id="seen at its beginning"),
    ],
)
def test_times_that_cannot_be_measure_nothing_and_the_fault_counts(sent, raw_at):
    made = fault(0, seq=1, boot=BOOT, received_at=at(1), sent=sent, raw_at=raw_at)
    work = fold(work_of(), recovered(-5, seq=0, boot=OTHER_BOOT, received_at=at(-5)), made)
    assert work.state.faulty


@pytest.mark.parametrize("boots", [(BOOT, OTHER_BOOT), (OTHER_BOOT, BOOT), (None, BOOT)])
def test_between_counters_age_at_sending_decides(boots):
    """The second boot's clock is three hours behind: it was sent as it happened."""
    first = told(recovered, 0, 0, seq=900, boot=boots[0], sent=0)
    second = told(fault, -175, 5, seq=1, boot=boots[1], sent=-175)
    assert fold(work_of(), first, second).state.faulty
    # the ring of the first boot is sent once more: an hour old when it was sent
    resent = told(recovered, -60, 6, seq=899, boot=boots[0], sent=0)
    assert fold(work_of(), second, resent).state.faulty


@pytest.mark.parametrize(
    ("make", "minute"),
    [
        pytest.param(fault, 1_200, id="a fault of tomorrow"),
        pytest.param(fault, 1, id="of the next minute"),
        pytest.param(recovered, 1_200, id="a recovery of tomorrow"),
    ],
)
@pytest.mark.parametrize("counter", [{}, UNCOUNTED], ids=["counted", "uncounted"])
def test_no_state_is_dated_after_the_receipt(make, minute, counter):
    work = fold(
        work_of(),
        told(fault, -1, 0, **{"seq": 1, **counter}),
        told(make, minute, 0, **{"seq": 2, **counter}),
    )
    times = (work.facts.last_seen, work.ticket.opened_at, work.state.last.at)
    assert max(times) <= NOON
    assert all(entry.at <= NOON for entry in work.tickets.entries)
    assert all(change.at <= NOON for change in work.tickets.changes)
    timers.fire_due(work, at(30), RULES)
    if make is recovered:
        assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.RECOVERED, at(30))


def test_a_row_dated_into_the_future_before_this_rule_shuts_the_door_no_longer():
    work = fold(work_of(), told(fault, 1_200, **UNCOUNTED))  # as it was: no cut
    assert work.state.last.at == at(1_200)
    work = fold(work, told(recovered, 5, 5, **UNCOUNTED))
    assert not work.state.faulty


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"boot": None, "seq": None}, id="no counter"),
        pytest.param({"boot": BOOT, "seq": 12}, id="the same counter"),
        pytest.param({"boot": OTHER_BOOT, "seq": 0}, id="another counter"),
    ],
)
@pytest.mark.parametrize("behind", [0, 180, 1_439], ids=["right", "3 h behind", "24 h behind"])
def test_a_fault_received_after_a_persons_word_wakes_the_ticket(more, behind):
    """Also where the clock was right before and is behind since."""
    counter = {"boot": BOOT, "seq": 1} if more["boot"] else more
    start = fold(work_of(), told(fault, 0, 0, **counter))
    work = work_of(resolved_ticket(at(30)), last=start.state.last, faulty=True)
    fold(work, told(fault, 31 - behind, 31, **more))
    assert (work.ticket.state, work.ticket.reopen_count) == (State.OPEN, 1)
    assert work.ticket.reopened_at >= at(30), "not before its end"
    assert work.tickets.changes[0].told == "reopened"


def test_an_older_number_that_comes_after_a_persons_word_is_late_all_the_same():
    start = fold(work_of(), told(fault, 0, 0, seq=9))
    work = work_of(resolved_ticket(at(30)), last=start.state.last, faulty=True)
    fold(work, told(fault, -5, 31, seq=8))
    assert work.ticket.state is State.RESOLVED


def test_many_faults_of_a_clock_that_is_behind_wake_once():
    work = work_of(resolved_ticket(at(30)))
    fold(work, *(told(fault, n - 180, n, seq=n) for n in (31, 32, 33)))
    assert (work.ticket.is_open, work.ticket.reopen_count, work.facts.faults) == (True, 1, 4)


def test_firmware_and_app_use_are_not_dated_after_the_receipt():
    given = {"source": "cam-1", "received_at": NOON, "boot": BOOT, "seq": 1}
    device = firmware_updated(
        Device("cam-1"), FirmwareUpdated(at=NOON + DAY, to_firmware="2.0", **given)
    )
    assert device.firmware_at == NOON
    customer = app_used(Customer("ana"), AppOpened(at=NOON + HOUR, **given))
    assert customer.app_seen_at == NOON


def test_reports_of_one_second_in_one_message():
    work = fold(work_of(), *(one for _, one in numbered(*(fault(0, n) for n in range(5)))))
    assert [entry.detail["effect"] for entry in work.tickets.entries] == ["opened", *["joined"] * 4]
