"""What a fault does, on both sides of each edge."""

import pytest

from services.support.domain.faults.dedupe import JoinTicket, OpenTicket, WakeTicket, Why, decide
from services.support.domain.tickets.ticket import Resolution
from tests.support.build import HOUR, MINUTE, NOON, SECOND, fault, resolved_ticket, ticket

WEEK = 168 * HOUR


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        pytest.param(None, OpenTicket(Why.FIRST_FAULT), id="nothing known"),
        pytest.param(ticket(), JoinTicket(Why.STILL_OPEN), id="still open"),
        pytest.param(ticket(customer="bo"), OpenTicket(Why.OTHER_OWNER), id="open, other owner"),
        pytest.param(
            resolved_ticket(NOON - MINUTE, customer="bo"),
            OpenTicket(Why.OTHER_OWNER),
            id="resolved, other owner",
        ),
        pytest.param(
            resolved_ticket(NOON - 72 * HOUR), WakeTicket(Why.CAME_BACK), id="last moment"
        ),
        pytest.param(
            resolved_ticket(NOON - 72 * HOUR - SECOND),
            OpenTicket(Why.LONG_RESOLVED),
            id="a second late",
        ),
        pytest.param(
            resolved_ticket(NOON), WakeTicket(Why.CAME_BACK), id="the instant it was resolved"
        ),
        pytest.param(
            resolved_ticket(NOON + SECOND),
            JoinTicket(Why.BEFORE_RESOLUTION),
            id="happened before a person resolved it",
        ),
        pytest.param(
            resolved_ticket(NOON + SECOND, Resolution.WONT_FIX),
            JoinTicket(Why.BEFORE_RESOLUTION),
            id="happened before a person said wont_fix",
        ),
        pytest.param(
            resolved_ticket(NOON + SECOND, Resolution.RECOVERED),
            WakeTicket(Why.CAME_BACK),
            id="disproves a recovery",
        ),
        *(
            pytest.param(
                resolved_ticket(NOON - MINUTE, resolution),
                OpenTicket(Why.NEVER_REOPENED),
                id=f"never reopened: {resolution}",
            )
            for resolution in (Resolution.WONT_FIX, Resolution.DUPLICATE, Resolution.EXCHANGE)
        ),
        *(
            pytest.param(
                resolved_ticket(NOON - MINUTE, resolution),
                WakeTicket(Why.CAME_BACK),
                id=f"reopened: {resolution}",
            )
            for resolution in (Resolution.NONE, Resolution.RECOVERED, Resolution.REFUND)
        ),
        pytest.param(
            resolved_ticket(NOON - MINUTE, Resolution.RETIRED),
            JoinTicket(Why.RETIRED),
            id="device is retired",
        ),
    ],
)
def test_what_a_fault_does(newest, expected):
    assert decide(fault(), newest, wake_within=72 * HOUR) == expected


def test_the_window_is_a_setting():
    newest = resolved_ticket(NOON - WEEK)
    assert decide(fault(), newest, wake_within=WEEK) == WakeTicket(Why.CAME_BACK)


FIXED = resolved_ticket(NOON, Resolution.FIX)


@pytest.mark.parametrize(
    ("at", "received_at", "more", "expected"),
    [
        pytest.param(-180, 1, {}, WakeTicket(Why.CAME_BACK), id="its clock is three hours behind"),
        pytest.param(-1_400, 1, {}, WakeTicket(Why.CAME_BACK), id="a day behind"),
        pytest.param(-180, 0, {}, WakeTicket(Why.CAME_BACK), id="in the instant of the word"),
        pytest.param(
            -180, -1, {}, JoinTicket(Why.BEFORE_RESOLUTION), id="received before, read after"
        ),
        pytest.param(
            -3_000, 1, {"late": True}, JoinTicket(Why.BEFORE_RESOLUTION), id="history wakes nobody"
        ),
    ],
)
def test_a_persons_word_is_compared_with_the_receipt(at, received_at, more, expected):
    seen = fault(at, received_at=NOON + received_at * MINUTE, **more)
    assert decide(seen, FIXED, wake_within=72 * HOUR) == expected


def test_after_wont_fix_a_clock_that_is_behind_opens_a_ticket_as_a_right_one_does():
    newest = resolved_ticket(NOON, Resolution.WONT_FIX)
    seen = fault(-180, received_at=NOON + MINUTE)
    assert decide(seen, newest, wake_within=72 * HOUR) == OpenTicket(Why.NEVER_REOPENED)
