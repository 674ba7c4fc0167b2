"""One key's reports folded: what becomes of the ticket, and what its history says."""

import pytest

from services.support.domain.faults import reports, timers
from services.support.domain.tickets.ticket import Origin, Priority, Resolution, State
from tests.support.build import (
    DAY,
    HOUR,
    NOON,
    RULES,
    SECOND,
    at,
    fault,
    numbered,
    recovered,
    resolved_ticket,
    ticket,
    work_of,
)


def fold(start, *given):
    reports.fold(start, numbered(*given), RULES)
    return start


def effects(work):
    """(what, effect) of each line of history."""
    return [
        (e.what, e.detail.get("effect") or e.detail.get("resolution")) for e in work.tickets.entries
    ]


def told(work):
    return [change.told for change in work.tickets.changes]


def test_the_first_fault_opens_a_ticket_named_after_it():
    work = fold(work_of(), fault(severity="warning", component="slot", firmware="2.0"))
    made, facts = work.ticket, work.facts
    assert (made.state, made.origin, made.customer, made.device, made.priority) == (
        State.OPEN,
        Origin.FAULT,
        "ana",
        "cam-1",
        Priority.NORMAL,
    )
    assert (facts.severity, facts.firmware, facts.faults) == ("warning", "2.0", 1)
    assert facts.first_seen == facts.last_seen == made.opened_at == NOON
    assert work.tickets.new == {made.id}
    assert work.state.ticket == made.id
    assert effects(work) == [("fault", "opened")]
    assert work.tickets.entries[0].detail["why"] == "first_fault"
    assert told(work) == ["opened"]
    again = fold(work_of(), fault(severity="warning", component="slot", firmware="2.0"))
    assert again.ticket.id == made.id
    assert [e.id for e in again.tickets.entries] == [e.id for e in work.tickets.entries]


def test_many_faults_are_one_ticket_and_as_many_lines():
    work = fold(work_of(), *(fault(n, seq=n) for n in range(1_000)))
    assert work.facts.faults == work.state.faults == 1_000
    assert len({e.id for e in work.tickets.entries}) == 1_000
    assert (work.facts.first_seen, work.facts.last_seen) == (NOON, at(999))
    assert told(work) == ["opened"]


def test_severity_only_rises():
    work = fold(
        work_of(),
        fault(0, 1, severity="warning"),
        fault(1, 2, severity="critical"),
        fault(2, 3, severity="info"),
    )
    assert work.facts.severity == "critical"
    assert work.ticket.priority is Priority.URGENT


def test_an_older_fault_is_kept_and_counted_but_changes_nothing():
    work = fold(
        work_of(),
        fault(10, 5, severity="info", firmware="2.0"),
        fault(5, 4, severity="critical", firmware="1.0"),
    )
    assert work.facts.faults == 2
    assert (work.facts.severity, work.facts.firmware) == ("info", "2.0")
    assert (work.facts.first_seen, work.facts.last_seen) == (at(5), at(10))
    assert effects(work) == [("fault", "opened"), ("fault", "late")]
    assert work.state.last.at == at(10)


@pytest.mark.parametrize(
    ("seq", "boot", "effect"),
    [
        pytest.param(4, "9f1c2ab37d405e68", "late", id="same instant, lower seq"),
        pytest.param(6, "9f1c2ab37d405e68", "joined", id="same instant, higher seq"),
        pytest.param(1, "af1c2ab37d405e68", "joined", id="same instant, other boot"),
    ],
)
def test_order_within_an_instant(seq, boot, effect):
    work = fold(work_of(), fault(0, 5), fault(0, seq, boot=boot))
    assert effects(work)[1] == ("fault", effect)


def test_a_late_fault_does_not_reopen():
    work = fold(work_of(resolved_ticket(at(20))), recovered(30, 9), fault(25, 8))
    assert work.ticket.state is State.RESOLVED
    assert work.facts.faults == 2


@pytest.mark.parametrize(
    ("after", "state", "same"),
    [
        pytest.param(72 * HOUR, State.OPEN, True, id="72 h: the same ticket"),
        pytest.param(72 * HOUR + SECOND, State.OPEN, False, id="a second more: a new one"),
    ],
)
def test_a_fault_after_the_resolution(after, state, same):
    old = resolved_ticket(NOON)
    work = fold(work_of(old), fault(after / (60 * SECOND)))
    assert work.ticket.state is state
    assert (work.ticket.id == old.id) is same
    if same:
        assert (work.ticket.reopen_count, work.ticket.resolution) == (1, None)
        assert told(work) == ["reopened"]
    else:
        assert work.ticket.previous_ticket == old.id
        assert told(work) == ["opened"]


def test_a_fault_of_the_next_owner_ends_the_ticket_and_opens_another():
    work = fold(work_of(), fault(0, 1), fault(5, 2, customer="bo"))
    first, second = work.tickets.changed.values()
    assert (first.resolution, first.resolved_at, first.customer) == ("moved", at(5), "ana")
    assert (second.state, second.customer, second.previous_ticket) == ("open", "bo", first.id)
    assert told(work) == ["opened", "resolved", "opened"]


def test_a_recovery_holds_half_an_hour_and_then_resolves():
    work = fold(work_of(), fault(0, 1), recovered(10, 2))
    assert work.ticket.is_open
    assert timers.next_due(work.state, work.ticket) == at(40)
    assert timers.fire_due(work, at(40) - SECOND, RULES) == 0
    assert timers.fire_due(work, at(40), RULES) == 1
    assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.RECOVERED, at(40))
    assert timers.next_due(work.state, work.ticket) is None
    assert told(work) == ["opened", "resolved"]


def test_a_second_recovery_does_not_extend_the_hold():
    work = fold(work_of(), fault(0, 1), recovered(10, 2), recovered(20, 3))
    assert timers.next_due(work.state, work.ticket) == at(40)
    assert effects(work)[1:] == [("recovered", "held"), ("recovered", "noted")]


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        pytest.param(39.9, [("fault", "joined")], id="before due: the recovery is off"),
        pytest.param(
            40, [("resolved", "recovered"), ("fault", "reopened")], id="when due: it had held"
        ),
    ],
)
def test_a_fault_while_a_recovery_is_held(minute, expected):
    work = fold(work_of(), fault(0, 1), recovered(10, 2), fault(minute, 3))
    assert effects(work)[2:] == expected
    assert work.ticket.is_open
    assert timers.next_due(work.state, work.ticket) is None


@pytest.mark.parametrize(
    ("touched", "state"),
    [
        pytest.param(at(40) - DAY + SECOND, State.OPEN, id="a person was there within 24 h"),
        pytest.param(at(40) - DAY, State.RESOLVED, id="24 h ago"),
    ],
)
def test_a_recovery_leaves_a_ticket_to_the_person_at_it(touched, state):
    work = fold(work_of(ticket(touched_at=touched)), recovered(10, 2))
    assert timers.fire_due(work, at(40), RULES) == 1
    assert work.ticket.state is state
    note = ("recovered", "left_to_person") if state is State.OPEN else ("resolved", "recovered")
    assert effects(work)[-1] == note
    assert timers.fire_due(work, at(9_999), RULES) == 0


def test_silence_is_never_recovery():
    work = fold(work_of(), fault(0, 1))
    assert timers.fire_due(work, at(1_000_000), RULES) == 0
    assert work.ticket.is_open


def test_flapping_keeps_the_ticket_open_until_two_calm_hours():
    work = fold(
        work_of(),
        *(f for n in range(4) for f in (fault(n * 10, 2 * n), recovered(n * 10 + 5, 2 * n + 1))),
    )
    assert work.facts.flapping
    assert [e.what for e in work.tickets.entries].count("flapping") == 1
    assert timers.next_due(work.state, work.ticket) == at(35) + 2 * HOUR
    assert timers.fire_due(work, at(35) + 2 * HOUR, RULES) == 1
    assert (work.ticket.resolution, work.facts.flapping) == (Resolution.RECOVERED, False)
    assert work.ticket.resolved_at == at(35) + 2 * HOUR


def test_flapping_that_ends_faulty_stays_open():
    given = [f for n in range(3) for f in (fault(n * 10, 2 * n), recovered(n * 10 + 5, 2 * n + 1))]
    work = fold(work_of(), *given, fault(30, 9), fault(100, 10))
    assert timers.next_due(work.state, work.ticket) == at(30) + 2 * HOUR
    timers.fire_due(work, at(30) + 2 * HOUR, RULES)
    assert (work.ticket.is_open, work.facts.flapping) == (True, False)
    assert effects(work)[-1] == ("calm", None)


def test_flapping_is_noted_at_most_once_an_hour():
    given = [f for n in range(13) for f in (fault(n * 10, 2 * n), recovered(n * 10 + 5, 2 * n + 1))]
    work = fold(work_of(), *given)
    notes = [e for e in work.tickets.entries if e.what == "flapping"]
    assert [e.at for e in notes] == [at(25), at(85)]
    assert notes[1].detail == {"recoveries_60min": 7}  # at 25, 35, ... 85


def test_a_fault_a_day_old_on_arrival_opens_quietly():
    work = fold(work_of(), fault(0, 1, late=True), recovered(5, 2, late=True))
    assert work.ticket.historical
    timers.fire_due(work, at(35), RULES)
    assert work.ticket.resolution is Resolution.RECOVERED
    assert told(work) == []


def test_a_live_fault_makes_an_old_story_news():
    work = fold(work_of(), fault(0, 1, late=True), fault(60, 2, late=True), fault(9_000, 3))
    assert not work.ticket.historical
    assert told(work) == ["opened"]
    assert work.tickets.changes[0].ticket.version == 2


def test_a_fault_that_arrives_after_its_recovery_is_history():
    work = fold(work_of(), recovered(10, 2), fault(5, 1))
    assert (work.ticket.state, work.ticket.historical) == (State.RESOLVED, True)
    assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.RECOVERED, at(10))
    assert effects(work) == [("fault", "opened"), ("resolved", "recovered")]
    assert told(work) == []


def test_a_late_recovery_is_a_line_and_nothing_more():
    work = fold(work_of(), fault(10, 2), recovered(5, 1))
    assert effects(work)[1] == ("recovered", "late")
    assert timers.next_due(work.state, work.ticket) is None
