"""Every fact: its value on both sides of each edge, and when it changes by itself."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from services.journey.domain.customers import fold
from services.journey.domain.customers.state import EARLY_USES, Dated, Mark, State, Switch, Term
from services.journey.domain.days import seconds
from services.journey.domain.facts import BY_NAME, FACTS
from services.journey.domain.facts.fact import OPS, Comparison
from shared.events import (
    AppError,
    FeatureUsed,
    Heartbeat,
    HelpViewed,
    IntegrationLinked,
    IntegrationUnlinked,
    MessageClicked,
    MessageSeen,
    Rating,
    ReferralShared,
    RegistryChanged,
    RiskChanged,
    SetupCompleted,
    SetupStarted,
    SetupStep,
    TicketChanged,
    Usage,
)

DAY = 86_400
NOON = seconds(datetime(2026, 3, 1, 12, tzinfo=UTC))
BERLIN = ZoneInfo("Europe/Berlin")


def at(second):
    return datetime.fromtimestamp(second, UTC)


def value(name, state, t):
    return BY_NAME[name].value(state, t)


def apply(state, *events):
    for number, event in enumerate(events):
        fold.fold(state, "c-1", event, f"/cam-1/usage#aaaa:{number}")
    return state


def use(second, count=1):
    return Usage(at=at(second), by="person", count=count, source="cam-1")


def ticket(second, version, state, name="t-1"):
    return TicketChanged(at=at(second), ticket=name, change="opened", state=state, version=version)


def registry(second, version, customer, previous=None, change="moved", source="cam-1", **more):
    return RegistryChanged(
        at=at(second), change=change, source=source, kind="device", version=version,
        customer=customer, previous_customer=previous, **more,
    )  # fmt: skip


def bought(second):
    state = State()
    fold.purchase(state, Mark(second, "purchase:1"))
    return state


def term(second, status="active", renews_at=None, renewal=False):
    state = State()
    fold.subscribe(state, Term(second, "subscription:1", status, renews_at, renewal))
    return state


EDGES = [
    ("purchased", bought(NOON), False, True),
    ("purchases", bought(NOON), 0, 1),
    ("setup_started", apply(State(), SetupStarted(at=at(NOON))), False, True),
    ("setup_completed", apply(State(), SetupCompleted(at=at(NOON))), False, True),
    ("first_use", apply(State(), use(NOON)), False, True),
    ("active_days_30d", apply(State(), use(NOON)), 0, 1),
    ("uses_total", apply(State(), use(NOON, count=3)), 0, 3),
    ("days_since_use", apply(State(), use(NOON)), None, 0),
    ("days_since_purchase", bought(NOON), None, 0),
    ("devices", apply(State(), registry(NOON, 1, "c-1")), 0, 1),
    ("integrations_linked", apply(State(), IntegrationLinked(at=at(NOON), platform="alexa")), 0, 1),
    ("help_views", apply(State(), HelpViewed(at=at(NOON), article="x")), 0, 1),
    ("app_errors", apply(State(), AppError(at=at(NOON), code="e1")), 0, 1),
    ("last_app_error", apply(State(), AppError(at=at(NOON), code="e1")), None, "e1"),
    (
        "failed_step",
        apply(State(), SetupStep(at=at(NOON), step="wifi", result="failed")),
        None,
        "wifi",
    ),
    ("contact_reason", apply(State(), ticket(NOON, 1, "open")), None, "something else"),
    ("ratings", apply(State(), Rating(at=at(NOON), stars=4)), None, 4),
    ("messages_seen", apply(State(), MessageSeen(at=at(NOON), message="m")), 0, 1),
    ("reply_waits", State(replies={"m": [Switch(1, NOON, "r", True)]}), False, True),
    ("messages_clicked", apply(State(), MessageClicked(at=at(NOON), message="m")), 0, 1),
    ("referrals", apply(State(), ReferralShared(at=at(NOON))), 0, 1),
    ("subscription_status", term(NOON, "trial"), "none", "trial"),
    ("days_to_renewal", term(NOON, renews_at=NOON + 9 * DAY), None, 9),
    ("renewals", term(NOON, renewal=True), 0, 1),
    ("days_since_renewal", term(NOON, renewal=True), None, 0),
    ("in_support", apply(State(), ticket(NOON, 1, "open")), False, True),
    (
        "risk_tier",
        apply(
            State(),
            RiskChanged(
                at=at(NOON), customer="c-1", tier="watch", previous="none", why="usage_drop",
                day=at(NOON).date(),
            ),
        ),
        "none",
        "watch",
    ),
    (
        "mail_refused",
        State(said={"mail_refused": [Dated(NOON, "suppressed:x", "bounced")]}),
        None,
        "bounced",
    ),
    (
        "payment_failed",
        State(said={"payment_failed": [Dated(NOON, "payment:x", "declined")]}),
        False,
        True,
    ),
    ("friends_bought", State(said={"friends_bought": [Dated(NOON, "x", 1)]}), 0, 1),
    ("offer", State(said={"offer": [Dated(NOON, "offer:x/open", "open")]}), None, "open"),
    ("refunded", State(said={"refunded": [Dated(NOON, "refund:x", "order")]}), 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "before", "then"), EDGES, ids=[edge[0] for edge in EDGES]
)
def test_a_fact_before_and_at_its_event(name, state, before, then):
    assert value(name, state, NOON - 1) == before
    assert value(name, state, NOON) == then
    fact = BY_NAME[name]
    assert {mark.at for mark in fact.events(state, NOON - 1, NOON)} == {NOON}
    assert fact.events(state, NOON, NOON + DAY) == []
    assert fact.events(state, NOON - DAY, NOON - 1) == []


def test_every_fact_has_an_edge_above():
    assert {edge[0] for edge in EDGES} == {fact.name for fact in FACTS}


def test_a_step_that_was_done_since_has_not_failed():
    tries = [
        SetupStep(at=at(NOON + n), step=step, result=result)
        for n, (step, result) in enumerate(
            [("wifi", "failed"), ("wifi", "started"), ("wifi", "done"), ("pair", "abandoned")]
        )
    ]
    for order in (tries, tries[::-1]):
        state = apply(State(), *order)
        told = [value("failed_step", state, NOON + n) for n in range(-1, 4)]
        assert told == [None, "wifi", "wifi", "none", "pair"]


def test_the_newest_ticket_says_why_they_wrote():
    fault = ticket(NOON, 1, "open")
    fault = msgspec.structs.replace(fault, fault_code="wifi_lost")
    solved = msgspec.structs.replace(fault, at=at(NOON + 9), change="resolved", version=2)
    state = apply(State(), ticket(NOON + 5, 1, "open", "t-2"), solved, fault)
    assert value("contact_reason", state, NOON + 4) == "wifi_lost"
    assert value("contact_reason", state, NOON + DAY) == "something else"


def test_active_days_counts_a_day_until_it_is_the_thirtieth():
    state = apply(State(), use(NOON), use(NOON + 60), use(NOON + DAY))
    midnight = NOON - DAY // 2
    assert value("active_days_30d", state, NOON + DAY) == 2
    assert value("active_days_30d", state, midnight + 30 * DAY - 1) == 2
    assert value("active_days_30d", state, midnight + 30 * DAY) == 1
    assert value("active_days_30d", state, midnight + 31 * DAY) == 0


def test_active_days_are_days_of_the_customers_zone():
    evening = seconds(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))  # already 2 March in Berlin
    state = State(zone="Europe/Berlin")
    apply(state, use(NOON), use(evening))
    assert value("active_days_30d", state, evening) == 2
    assert value("active_days_30d", apply(State(), use(NOON), use(evening)), evening) == 1


def test_a_new_zone_sorts_known_days_anew():
    evening = seconds(datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    state = apply(State(), use(evening), use(evening + 3_600))
    assert len(state.active) == 2
    assert fold.move_zone(state, "Europe/Berlin") == 0
    assert state.active == [evening]
    assert fold.move_zone(state, "Europe/Berlin") is None


def test_days_since_use_turns_at_local_midnight_over_the_change_of_summer_time():
    before = seconds(datetime(2026, 3, 28, 22, tzinfo=BERLIN))
    state = State(zone="Europe/Berlin")
    apply(state, use(before))
    midnight = seconds(datetime(2026, 3, 30, tzinfo=BERLIN))
    assert value("days_since_use", state, midnight - 1) == 1
    assert value("days_since_use", state, midnight) == 2
    asked = Comparison("days_since_use", ">", 1)
    assert BY_NAME["days_since_use"].changes_after(state, before, asked) == midnight


def test_automation_and_heartbeats_are_no_use():
    state = State()
    assert fold.fold(state, "c-1", Heartbeat(at=at(NOON), every_s=60), "x") is None
    assert value("uses_total", state, NOON) == 0


def test_uses_total_is_exact_at_every_moment_up_to_the_first_uses_kept():
    state = State()
    for number in range(EARLY_USES + 20):
        apply(state, FeatureUsed(at=at(NOON + number), feature="live"))
    assert len(state.early) == EARLY_USES
    assert value("uses_total", state, NOON + 10) == 11
    assert value("uses_total", state, NOON + EARLY_USES - 1) == EARLY_USES
    assert value("uses_total", state, NOON + DAY) == EARLY_USES + 20


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=str)
def test_a_device_that_moved_counts_for_its_owner_by_version(order):
    changes = [
        registry(NOON, 1, "c-1", change="claimed"),
        registry(NOON + 10, 2, "c-2", "c-1"),
        registry(NOON + 20, 3, "c-1", "c-2"),
    ]
    state = apply(State(), *(changes[index] for index in order))
    assert [value("devices", state, NOON + t) for t in (-1, 0, 10, 20)] == [0, 1, 0, 1]


def test_a_retired_device_and_an_app_are_not_devices():
    state = apply(State(), registry(NOON, 1, "c-1"), registry(NOON + 1, 2, None, "c-1", "retired"))
    assert value("devices", state, NOON + 1) == 0
    app = RegistryChanged(
        at=at(NOON), change="claimed", source="app-1", kind="app", version=1, customer="c-1"
    )
    assert value("devices", apply(State(), app), NOON) == 0


def test_a_lifecycle_fact_from_before_the_claim_counts_at_its_time_under_its_identity():
    event = registry(
        NOON, 2, "c-1", change="adopted", adopted="setup_completed", adopted_id="/cam-1/l#b:1"
    )
    state = apply(State(), event)
    assert state.setup_completed == Mark(NOON, "/cam-1/l#b:1")
    assert value("devices", state, NOON) == 0


def test_in_support_follows_the_highest_version_of_each_ticket():
    state = apply(
        State(), ticket(NOON + 9, 2, "resolved"), ticket(NOON, 1, "open"),
        ticket(NOON + 5, 1, "open", "t-2"), ticket(NOON + 20, 2, "resolved", "t-2"),
    )  # fmt: skip
    assert [value("in_support", state, NOON + t) for t in (-1, 0, 9, 20)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_integrations_are_platforms_linked_on_any_device():
    state = apply(
        State(),
        IntegrationLinked(at=at(NOON), platform="alexa", source="cam-1"),
        IntegrationLinked(at=at(NOON), platform="alexa", source="cam-2"),
        IntegrationUnlinked(at=at(NOON + 5), platform="alexa", source="cam-1"),
        IntegrationUnlinked(at=at(NOON + 9), platform="alexa", source="cam-2"),
    )
    assert [value("integrations_linked", state, NOON + t) for t in (0, 5, 9)] == [1, 1, 0]


def test_days_to_renewal_goes_below_zero_and_ends_with_the_subscription():
    state = term(NOON, renews_at=NOON + DAY)
    assert value("days_to_renewal", state, NOON + 3 * DAY) == -2
    fold.subscribe(state, Term(NOON + 4 * DAY, "subscription:2", "ended"))
    assert value("days_to_renewal", state, NOON + 4 * DAY) is None


STATES = {
    "active_days_30d": apply(State(), *(use(NOON + day * DAY) for day in (0, 1, 4, 9))),
    "days_since_use": apply(State(zone="America/New_York"), use(NOON)),
    "days_since_purchase": bought(NOON),
    "days_since_renewal": term(NOON, renewal=True),
    "days_to_renewal": term(NOON, renews_at=NOON + 12 * DAY),
}


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("number", [-2, 0, 1, 2, 3, 4, 11])
def test_a_timer_is_the_very_second_the_comparison_turns(name, op, number):
    """Against a walk over every hour: the same first turn, false a second before, true at it."""
    state, asked = STATES[name], Comparison(name, op, number)
    fact = BY_NAME[name]
    t = NOON + 9 * DAY + 1
    truth = asked.holds(fact.value(state, t))
    hours = range(t - t % 3_600 + 3_600, t + 60 * DAY, 3_600)
    expected = next((h for h in hours if asked.holds(fact.value(state, h)) != truth), None)
    assert fact.changes_after(state, t, asked) == expected
    if expected is not None:
        assert asked.holds(fact.value(state, expected - 1)) == truth
