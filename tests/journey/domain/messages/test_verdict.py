"""May this be sent? By every reason, and whatever the zone, the hour and what was sent before."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journey.domain.messages.caps import Cap, Sent
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.purpose import HELD_IN_TROUBLE, OWED, Channel, Purpose
from services.journey.domain.messages.verdict import (
    Message,
    Outcome,
    Reason,
    Recipient,
    Rules,
    verdict,
)
from shared.calendars.calendar import Span, every_day

NOON = datetime(2026, 5, 13, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PROMOTION = Message("e-1", Purpose.PROMOTION, Channel.EMAIL, "offers", 10, NOON)
HELP = replace(PROMOTION, purpose=Purpose.HELP, topic="set-up")
RECEIPT = replace(PROMOTION, purpose=Purpose.TRANSACTIONAL, topic=None)
OLD = replace(PROMOTION, planned=NOON - 8 * DAY, useful=7 * DAY)
ASKED = Recipient("UTC", agreed={Purpose.PROMOTION})
YESTERDAY = Sent(NOON - DAY, Channel.EMAIL, Purpose.PROMOTION)
TODAY = Sent(NOON - HOUR, Channel.EMAIL, Purpose.PROMOTION)


@pytest.mark.parametrize(
    ("message", "recipient", "outcome", "reason"),
    [
        (PROMOTION, ASKED, "send", "nothing_against"),
        (HELP, Recipient("UTC"), "send", "nothing_against"),
        (PROMOTION, Recipient("UTC"), "skip", "never_asked"),
        (RECEIPT, replace(ASKED, reachable=False), "skip", "no_address"),
        (RECEIPT, replace(ASKED, suppressed=True), "skip", "suppressed"),
        (PROMOTION, replace(ASKED, left=[Left("offers")]), "skip", "left"),
        (PROMOTION, replace(ASKED, left=[Left("offers", Channel.APP)]), "send", "nothing_against"),
        (HELP, replace(ASKED, left=[Left("offers")]), "send", "nothing_against"),
        (HELP, replace(ASKED, left=[Left(channel=Channel.EMAIL)]), "skip", "left"),
        (RECEIPT, replace(ASKED, left=[Left()]), "send", "nothing_against"),
        (PROMOTION, replace(ASKED, trouble=NOON - DAY), "hold", "trouble_open"),
        (HELP, replace(ASKED, trouble=NOON - DAY), "send", "nothing_against"),
        (PROMOTION, replace(ASKED, held_out=True), "skip", "held_out"),
        (HELP, replace(ASKED, held_out=True, held_out_of_all=True), "skip", "held_out_of_all"),
        (RECEIPT, replace(ASKED, held_out=True, held_out_of_all=True), "send", "nothing_against"),
        (RECEIPT, replace(ASKED, turn=NOON + HOUR), "defer", "rate"),
        (OLD, ASKED, "skip", "too_late"),
        (OLD, replace(ASKED, trouble=NOON - DAY), "skip", "too_late"),
        (replace(OLD, purpose=Purpose.RENEWAL), ASKED, "skip", "too_late"),
        (
            replace(OLD, purpose=Purpose.RENEWAL),
            replace(ASKED, trouble=NOON - DAY),
            "skip",
            "trouble_lasted",
        ),
        (HELP, replace(ASKED, turn=NOON), "send", "nothing_against"),
        (PROMOTION, replace(ASKED, sent=[TODAY]), "defer", "cap_reached"),
        (HELP, replace(ASKED, sent=[TODAY]), "send", "nothing_against"),
        (PROMOTION, replace(ASKED, rivals=[9, 11]), "defer", "other_play_first"),
        (PROMOTION, replace(ASKED, rivals=[10]), "send", "nothing_against"),
        (PROMOTION, replace(ASKED, zone="Pacific/Auckland"), "defer", "quiet_hours"),
        (RECEIPT, replace(ASKED, zone="Pacific/Auckland"), "send", "nothing_against"),
    ],
)
def test_each_reason(message, recipient, outcome, reason):
    answer = verdict(message, recipient, Rules(), NOON)
    assert (answer.outcome, answer.reason) == (outcome, reason)
    assert (answer.until is None) == (outcome in {"send", "skip"})


def test_what_the_customer_said_is_named_before_everything_else():
    worst = Recipient(
        "Pacific/Auckland", left=[Left("offers")], trouble=NOON, held_out=True, sent=[TODAY]
    )
    late = replace(PROMOTION, planned=NOON - 9 * DAY, useful=DAY)
    assert verdict(late, worst, Rules(), NOON).reason == Reason.LEFT
    assert verdict(late, replace(worst, left=()), Rules(), NOON).reason == Reason.NEVER_ASKED
    asked = replace(worst, left=(), agreed={Purpose.PROMOTION})
    assert verdict(late, asked, Rules(), NOON).reason == Reason.TOO_LATE
    assert verdict(PROMOTION, asked, Rules(), NOON).reason == Reason.TROUBLE_OPEN


def test_a_message_that_matters_less_waits_only_as_long_as_arbitration():
    rivals = replace(ASKED, rivals=[99])
    waits = verdict(PROMOTION, rivals, Rules(), NOON)
    assert waits.until == NOON + Rules().arbitration
    assert verdict(PROMOTION, rivals, Rules(), waits.until).outcome == Outcome.SEND


@pytest.mark.parametrize(
    ("cap", "until"),
    [
        (Cap(1, 1, rolling=False, purposes=HELD_IN_TROUBLE), "2026-05-14T00:00+02:00"),
        (Cap(1, 1, rolling=True, purposes=HELD_IN_TROUBLE), "2026-05-14T13:00+02:00"),
        (Cap(2, 2, rolling=False, purposes=HELD_IN_TROUBLE), "2026-05-14T00:00+02:00"),
        (Cap(2, 2, rolling=True, purposes=HELD_IN_TROUBLE), "2026-05-14T14:00+02:00"),
        (Cap(3, 2, rolling=False, purposes=HELD_IN_TROUBLE), None),
        (Cap(1, 7, rolling=False, purposes={Purpose.SURVEY}), None),
    ],
)
def test_a_cap_of_days_of_the_calendar_and_of_hours(cap, until):
    sent = [TODAY, YESTERDAY]
    full = cap.full_until(sent, "Europe/Berlin", NOON)
    assert full == (datetime.fromisoformat(until) if until else None)


def test_both_kinds_of_caps_are_needed_the_one_that_holds_longest_is_named():
    sunday = datetime(2026, 5, 17, 20, tzinfo=UTC)
    late = [Sent(sunday - n * HOUR, Channel.EMAIL, Purpose.SURVEY) for n in (0, 50)]
    answer = verdict(PROMOTION, replace(ASKED, sent=late), Rules(), sunday + 15 * HOUR)
    assert answer.until == sunday - 50 * HOUR + 7 * DAY
    assert answer.said == "2 within 7 days"


@pytest.mark.parametrize("wrong", [{"most": 0, "days": 1}, {"most": 1, "days": 0}])
def test_a_cap_that_lets_nothing_through_is_refused(wrong):
    with pytest.raises(ValueError, match="at least one message within at least one day"):
        Cap(**wrong, rolling=True, purposes=HELD_IN_TROUBLE)


def test_a_night_that_never_ends_is_said():
    always = Rules(quiet={Channel.EMAIL: (Span(0, 1_440),)})
    answer = verdict(HELP, ASKED, always, NOON)
    assert (answer.outcome, answer.reason) == (Outcome.SKIP, Reason.QUIET_HOURS)


zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]
)  # fmt: skip
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
minutes = st.integers(0, 1_439)
spans = st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1] and pair[1] != 0)
purposes = st.sampled_from(list(Purpose))


@given(zones, moments, spans, purposes, st.text(max_size=5))
def test_nothing_wakes_anybody_and_what_a_night_holds_comes_soon_after(
    zone, now, pair, purpose, key
):
    span = Span(*pair)
    rules = Rules(quiet={Channel.EMAIL: (span,)}, caps=())
    message = replace(PROMOTION, key=key, purpose=purpose, planned=now)
    recipient = replace(ASKED, zone=zone)
    answer = verdict(message, recipient, rules, now)
    night = every_day(zone, span)
    if purpose in OWED:
        assert answer.outcome == Outcome.SEND
    elif answer.outcome == Outcome.SEND:
        assert not night.has(now)
    else:
        morning = night.next_outside(now)
        assert night.has(now)
        assert morning <= answer.until < morning + rules.spread
        assert verdict(message, recipient, rules, answer.until).outcome == Outcome.SEND


@given(
    zones,
    moments,
    st.lists(st.tuples(st.integers(0, 20 * 1_440), purposes), max_size=12),
    st.integers(1, 3),
    st.integers(1, 7),
    st.booleans(),
)
def test_a_cap_is_never_passed_and_ends_when_it_says(zone, now, minutes_ago, most, days, rolling):
    sent = [
        Sent(now - timedelta(minutes=ago), Channel.EMAIL, purpose) for ago, purpose in minutes_ago
    ]
    cap = Cap(most, days, rolling=rolling, purposes=HELD_IN_TROUBLE)
    counted = [one.at for one in sent if one.purpose in HELD_IN_TROUBLE]
    until = cap.full_until(sent, zone, now)
    if until is None:
        recent = [at for at in counted if _inside(at, now, zone, days, rolling=rolling)]
        assert len(recent) < most
    else:
        assert until > now
        assert cap.full_until(sent, zone, until) is None
        assert cap.full_until(sent, zone, until - timedelta(microseconds=1)) == until


def _inside(at, now, zone, days, *, rolling):
    if rolling:
        return at > now - days * DAY
    local = ZoneInfo(zone)
    return (now.astimezone(local).date() - at.astimezone(local).date()).days < days
