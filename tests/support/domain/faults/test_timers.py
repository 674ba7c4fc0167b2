"""A retired device's tickets end, at the right time and only once."""

import pytest

from services.support.domain.faults import reports, timers
from services.support.domain.tickets.ticket import Resolution, State
from tests.support.build import (
    HOUR,
    NOON,
    RULES,
    at,
    fault,
    numbered,
    recovered,
    resolved_ticket,
    ticket,
    work_of,
)


def test_retirement_resolves_the_open_ticket_at_its_time():
    work = work_of(ticket(), retired_at=at(30))
    assert timers.fire_due(work, at(29), RULES) == 0
    assert timers.fire_due(work, at(30), RULES) == 1
    assert (work.ticket.resolution, work.ticket.resolved_at) == (Resolution.RETIRED, at(30))
    assert work.tickets.entries[0].who == "playcaller"


@pytest.mark.parametrize(
    ("retired", "resolution"),
    [
        pytest.param(39, Resolution.RETIRED, id="retired before the recovery held"),
        pytest.param(40, Resolution.RETIRED, id="at the same instant: the surer of the two"),
        pytest.param(41, Resolution.RECOVERED, id="recovered first"),
    ],
)
def test_timers_act_in_the_order_of_their_times(retired, resolution):
    work = work_of(retired_at=at(retired))
    reports.fold(work, numbered(fault(0, 1), recovered(10, 2)), RULES)
    timers.fire_due(work, at(10_000), RULES)
    assert work.ticket.resolution is resolution


def test_a_fault_after_retirement_opens_a_ticket_that_ends_at_once():
    work = work_of(retired_at=NOON)
    reports.fold(work, numbered(fault(60, 1), fault(61, 2)), RULES)
    timers.fire_due(work, at(61), RULES)
    assert (work.ticket.state, work.ticket.resolution) == (State.RESOLVED, Resolution.RETIRED)
    assert work.ticket.resolved_at == at(60)
    assert (len(work.tickets.changed), work.facts.faults) == (1, 2)


def test_a_person_may_keep_the_ticket_of_a_retired_device_open():
    kept = ticket(reopened_at=NOON + HOUR, opened_by="kim")
    assert timers.next_due(work_of(retired_at=NOON).state, kept) is None


def test_a_resolved_ticket_has_no_timers():
    work = work_of(resolved_ticket(NOON), retired_at=NOON, recovery_due=at(5))
    assert timers.fire_due(work, at(10), RULES) == 0
