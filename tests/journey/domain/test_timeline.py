"""Stage history: entered by events and timers to the second, whatever order events come in."""

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journey.domain.customers import fold
from services.journey.domain.customers.state import Mark, State, Term
from services.journey.domain.customers.subscription import subscription
from services.journey.domain.days import seconds
from services.journey.domain.facts import BY_NAME, FACTS
from services.journey.domain.stages.read_map import read_map
from services.journey.domain.stages.timeline import Entry, evaluate
from shared.events import (
    IntegrationLinked,
    IntegrationUnlinked,
    Rating,
    ReferralShared,
    RegistryChanged,
    RiskChanged,
    SetupCompleted,
    SetupStarted,
    TicketChanged,
    Usage,
)
from shared.events.customer_changed import Subscription

FILE = "playbooks/home-camera/journey.yaml"
MAP = read_map((Path(__file__).parents[3] / FILE).read_text(), FILE)
START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400


class Customer:
    """What the handler does with one customer, in memory."""

    def __init__(self, zone="UTC"):
        self.state, self.history, self.evaluated = State(zone=zone), [], 0
        self.due, self.revised, self.uses = None, 0, []

    def batch(self, events):
        since = until = None
        for event, cause in events:
            if callable(event):
                at = event(self.state, cause)
            else:
                if isinstance(event, Usage):
                    self.uses.append(("c-1", Mark(seconds(event.at), cause)))
                at = fold.fold(self.state, "c-1", event, cause)
            if at is not None:
                since = at if since is None else min(since, at)
                until = at if until is None else max(until, at)
        if since is not None:
            self._walk(since, until)
        return self

    def handed_in(self, zone):
        """The zone is told: what was used before is sorted into its days."""
        firsts = list(fold.first_of_quarters(self.uses).values())
        since = fold.move_zone(self.state, zone, firsts)
        if since is not None:
            self._walk(since, self.evaluated)
        return self

    def timers(self, now):
        if self.due is not None and self.due <= now:
            self._walk(None, now)
        return self

    def _walk(self, since, until):
        walk = evaluate(MAP, self.state, self.history, self.evaluated, since, until, self.due)
        self.history = [*self.history[: walk.kept], *walk.entries]
        self.evaluated, self.due = walk.until, walk.due
        self.revised += walk.revised


def day(number, hour=10):
    return START + timedelta(days=number, hours=hour)


def use(number, hour=10):
    return Usage(at=day(number, hour), by="person", source="cam-1")


def buy(number):
    return lambda state, cause: fold.purchase(state, Mark(seconds(day(number)), cause))


def subscribe(number, status="active", renews=None, renewal=False):
    renews_at = None if renews is None else seconds(day(renews))
    told = Subscription(
        plan=f"p{number % 3}", started_at=day(0), status=status,
        renews_at=None if renews is None else day(renews),
    )  # fmt: skip
    return lambda state, cause: fold.subscribe(
        state,
        Term(
            seconds(day(number)), cause, status, renews_at, renewal, None if renewal else told,
            fine=number % 2,
        ),
    )  # fmt: skip


def story(customer):
    return [(entry.stage, moment(entry.at), entry.cause) for entry in customer.history]


def moment(epoch):
    return (datetime.fromtimestamp(epoch, UTC) - START) / timedelta(days=1)


def test_a_life_from_purchase_to_advocate_names_the_event_of_every_stage():
    customer = Customer().batch([(buy(0), "purchase:1")])
    customer.batch([(SetupStarted(at=day(1)), "s1"), (SetupCompleted(at=day(2)), "s2")])
    customer.batch([(use(number), f"u{number}") for number in range(3, 11)])
    customer.batch([(ReferralShared(at=day(12)), "r1")])
    ten = 10 / 24
    assert story(customer) == [
        ("purchased", 0 + ten, "purchase:1"),
        ("onboarding", 1 + ten, "s1"),
        ("first use", 3 + ten, "u3"),
        ("engaged", 10 + ten, "u10"),
        ("advocate", 12 + ten, "r1"),
    ]
    assert [entry.previous for entry in customer.history] == [
        None, "purchased", "onboarding", "first use", "engaged",
    ]  # fmt: skip
    assert customer.revised == 0


def test_lapsed_is_entered_at_local_midnight_by_a_timer_and_left_by_a_use():
    customer = Customer("Europe/Berlin").batch([(use(0), "u0")])
    due = seconds(START) + 46 * DAY - 3_600  # midnight in Berlin is 23:00 UTC of the day before
    assert customer.due == due
    assert story(customer.timers(due - 1)) == [("first use", 10 / 24, "u0")]
    customer.timers(due)
    assert story(customer)[1:] == [("lapsed", 46 - 1 / 24, "timer:days_since_use")]
    customer.batch([(use(50), "u50")])
    assert story(customer)[2:] == [("first use", 50 + 10 / 24, "u50")]


def test_a_timer_due_before_an_event_fires_first():
    customer = Customer().batch([(use(0), "u0")]).batch([(use(60), "u60")])
    assert [entry.stage for entry in customer.history] == ["first use", "lapsed", "first use"]
    assert customer.history[1].at == seconds(START) + 46 * DAY


def test_renewal_comes_round_every_term():
    customer = Customer().batch([(subscribe(0, renews=100), "sub")])
    for number in range(0, 220, 3):
        customer.batch([(use(number), f"u{number}")])
        if number == 99:
            customer.batch([(subscribe(99, renews=200, renewal=True), "ren1")])
        if number == 198:
            customer.batch([(subscribe(198, renews=300, renewal=True), "ren2")])
    ten = 10 / 24
    assert story(customer)[2:] == [
        ("renewal due", 70.0, "timer:days_to_renewal"),
        ("renewed", 99 + ten, "ren1"),
        ("engaged", 130.0, "timer:days_since_renewal"),
        ("renewal due", 170.0, "timer:days_to_renewal"),
        ("renewed", 198 + ten, "ren2"),
    ]


def test_an_ended_subscription_is_a_lapse_until_there_is_a_new_one():
    customer = Customer().batch([(use(0), "u0"), (subscribe(1), "s1")])
    customer.batch([(subscribe(5, "ended"), "s2")])
    customer.batch([(use(6), "u6")])
    assert customer.history[-1].stage == "lapsed"
    customer.batch([(subscribe(7), "s3")])
    assert story(customer)[-1] == ("first use", 7 + 10 / 24, "s3")


def test_a_late_event_rewrites_what_follows_it_and_says_so():
    customer = Customer().batch([(use(number), f"u{number}") for number in range(1, 10)])
    assert story(customer)[-1] == ("engaged", 8 + 10 / 24, "u8")
    assert customer.revised == 0
    customer.batch([(use(0), "u0")])
    assert story(customer) == [("first use", 10 / 24, "u0"), ("engaged", 7 + 10 / 24, "u7")]
    assert customer.revised == 1


def test_a_late_event_that_decides_nothing_revises_nothing():
    customer = Customer().batch([(use(1), "u1"), (use(2), "u2")])
    before = list(customer.history)
    customer.batch([(use(1, 12), "late")])
    assert (customer.history, customer.revised) == (before, 0)


def test_two_stages_at_one_moment_are_both_told():
    customer = Customer().batch([(Rating(at=day(0), stars=5), "r")])
    customer.batch([(use(number), f"u{number}") for number in range(1, 9)])
    assert [(entry.stage, entry.cause) for entry in customer.history] == [
        ("first use", "u1"), ("engaged", "u8"), ("advocate", "u8"),
    ]  # fmt: skip
    assert customer.history[1].at == customer.history[2].at


def test_history_long_past_is_not_rewritten():
    customer = Customer().batch([(use(500), "u500")])
    customer.batch([(buy(0), "purchase:old")])
    assert customer.history == [Entry(seconds(day(500)), "first use", None, "u500")]


EVENTS = st.one_of(
    st.builds(use, st.integers(0, 120), st.integers(0, 23)),
    st.builds(use, st.integers(0, 30), st.integers(0, 23)),
    st.builds(lambda n: SetupStarted(at=day(n)), st.integers(0, 60)),
    st.builds(lambda n: SetupCompleted(at=day(n)), st.integers(0, 60)),
    st.builds(lambda n, stars: Rating(at=day(n), stars=stars), st.integers(0, 90), st.integers(4, 5)),
    st.builds(lambda n: ReferralShared(at=day(n)), st.integers(0, 90)),
    st.builds(buy, st.integers(0, 60)),
    st.builds(
        subscribe, st.integers(0, 90), st.sampled_from(["active", "active", "ended", "trial"]),
        st.integers(20, 160), st.booleans(),
    ),
    st.builds(
        lambda n, on: (IntegrationLinked if on else IntegrationUnlinked)(at=day(n), platform="matter"),
        st.integers(0, 60), st.booleans(),
    ),
    st.builds(
        lambda n, v, s: TicketChanged(at=day(n), ticket="t", change="opened", state=s, version=v),
        st.integers(0, 60), st.integers(1, 9), st.sampled_from(["open", "resolved"]),
    ),
    st.builds(
        lambda n, v, c: RegistryChanged(
            at=day(n), change="moved", source="cam-1", kind="device", version=v, customer=c
        ),
        st.integers(0, 60), st.integers(1, 9), st.sampled_from(["c-1", "c-2"]),
    ),
    st.builds(
        lambda n, tier: RiskChanged(
            at=day(n), customer="c-1", tier=tier, previous="none", why="usage_drop",
            day=day(n).date(),
        ),
        st.integers(0, 90), st.sampled_from(["none", "watch", "at_risk"]),
    ),
)  # fmt: skip
END = seconds(day(300))


ZONES = ["UTC", "Europe/Berlin", "Pacific/Auckland", "Asia/Kathmandu", "America/St_Johns"]


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(EVENTS, min_size=1, max_size=40), st.data())
def test_any_order_and_any_batches_give_the_same_state_facts_and_history(events, data):
    """Also where the customer comes after the events, with another zone than was assumed."""
    named = [(event, f"id-{number:03}") for number, event in enumerate(events)]
    zone = data.draw(st.sampled_from(ZONES))
    expected = Customer(zone).batch(named).timers(END)

    shuffled = data.draw(st.permutations(named))
    late = data.draw(st.integers(0, len(shuffled)))
    other = Customer("UTC" if late else zone)
    while shuffled:
        if late and len(shuffled) <= late:
            other.handed_in(zone)
            late = 0
        size = data.draw(st.integers(1, 8))
        other.batch(shuffled[:size])
        shuffled = shuffled[size:]
        if data.draw(st.booleans()):
            other.timers(data.draw(st.integers(seconds(START), END)))
    if late:
        other.handed_in(zone)
    other.timers(END)

    assert other.state == expected.state
    assert story(other) == story(expected)
    assert other.history == expected.history
    for t in (seconds(day(20)), seconds(day(90)), END):
        assert [fact.value(other.state, t) for fact in FACTS] == [
            fact.value(expected.state, t) for fact in FACTS
        ]
        row = subscription(other.state.terms, t)
        assert row == subscription(expected.state.terms, t)
        status = "none" if row is None else row.status
        if row is not None:  # a renewal of nothing we know has a status and no row
            assert BY_NAME["subscription_status"].value(other.state, t) == status


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(EVENTS, min_size=1, max_size=25), st.data())
def test_no_entry_is_dated_after_now_and_time_alone_brings_the_rest(events, data):
    """All is told on day 45, in one go; what lies ahead comes by the timers it sets itself."""
    named = [(event, f"id-{number:03}") for number, event in enumerate(events)]
    now = seconds(day(45))
    whole = Customer().batch(named).timers(END)
    early = Customer()
    for event, cause in data.draw(st.permutations(named)):
        change = event if callable(event) else None
        at = change(early.state, cause) if change else fold.fold(early.state, "c-1", event, cause)
        if at is not None:
            early._walk(at, now)
    assert [entry for entry in early.history if entry.at > now] == []
    assert early.due is None or early.due > now
    while early.due is not None and early.due <= END:
        early.timers(early.due)
    assert early.state == whole.state
    assert early.history == whole.history


@pytest.mark.parametrize("late", [False, True], ids=["customer first", "customer last"])
def test_two_uses_of_one_utc_day_may_lie_on_two_local_ones(late):
    uses = [(use(3, 13), "a"), (use(3, 16), "b"), (use(3, 15), "c")]
    customer = Customer("UTC" if late else "Asia/Tokyo").batch(uses)
    if late:
        customer.handed_in("Asia/Tokyo")
    assert BY_NAME["active_days_30d"].value(customer.state, seconds(day(4))) == 2
    assert customer.state.active == [seconds(day(3, 13)), seconds(day(3, 15))]


def test_the_same_history_in_one_walk_and_second_by_timer():
    events = [(use(number), f"u{number}") for number in (0, 1, 2, 3, 4, 5, 6, 7, 60, 61)]
    whole = Customer().batch(copy.copy(events)).timers(END)
    stepwise = Customer()
    for one in events:
        stepwise.batch([one])
        while stepwise.due is not None and stepwise.due <= seconds(one[0].at):
            stepwise.timers(stepwise.due)
    while stepwise.due is not None and stepwise.due <= END:
        stepwise.timers(stepwise.due)
    assert stepwise.history == whole.history
    assert [entry.stage for entry in whole.history] == [
        "first use", "engaged", "lapsed", "first use", "lapsed",
    ]  # fmt: skip


@pytest.mark.parametrize("stage", ["gone", None])
def test_a_stage_the_map_no_longer_has_keeps_its_customers(stage):
    customer = Customer()
    if stage:
        customer.history, customer.evaluated = [Entry(5, stage, None, "old")], 5
    customer.batch([(use(0), "u0")])
    assert [entry.stage for entry in customer.history] == ["gone" if stage else "first use"]
