"""What SQL and Python say of an audience together is what the condition says of each customer alone."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.journey.domain.customers.fold import move_zone, use
from services.journey.domain.customers.state import (
    Dated,
    Mark,
    State,
    Switch,
    Tally,
    Term,
)
from services.journey.domain.facts import FACTS, fact_of
from services.journey.domain.facts.fact import OPS, Comparison
from services.journey.domain.facts.said import said
from services.journey.domain.plays.audience import matches
from services.journey.domain.plays.condition import Condition
from services.journey.domain.plays.play import DAY, Play, Starts
from services.journey.store.customers import Customers
from services.journey.store.plays.audiences import Audiences
from services.journey.store.plays.narrowing import KNOWN, of_start
from shared.events import FeatureUsed

pytestmark = pytest.mark.servers
NOW = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
T = int(NOW.timestamp())
MANY = 25
STAGES = (None, "onboarding", "first use")
ZONES = ("UTC", "Pacific/Kiritimati", "America/Los_Angeles", "Europe/Berlin")
SAID = {
    **{fact.name: fact.words for fact in FACTS if fact.words},
    "why bought": ("security", 'a "wish" of_100%'), "contact_reason": ("e1", "something else"),
    "failed_step": ("wifi", "done"), "last_app_error": ("e1",), "contented": (1, 5),
    "friends_bought": (0, 1, 2), "payment_failed": ("x",), "refunded": ("x",),
}  # fmt: skip
DECLARED = (said("why bought", "", SAID["why bought"]), said("contented", "", (), 5))


class Life:
    """What may have happened to one customer, drawn from a source of chance."""

    def __init__(self, rng):
        self.rng, self.n = rng, 0

    def mark(self):
        """Something, of which some lies ahead: clocks of devices differ."""
        self.n += 1
        rng = self.rng
        days = rng.choice([0, 0, 1, 2, 6, 7, 29, 30, 31, 90])
        return Mark(T - days * DAY + rng.randrange(-DAY, 3 * 3600), f"e{self.n}")

    def marks(self):
        return sorted(self.mark() for _ in range(self.rng.choice([0, 0, 1, 3])))

    def tally(self):
        marks = self.marks()
        return Tally(len(marks) + self.rng.choice([0, 2]) * bool(marks), marks)

    def dated(self, words):
        return [Dated(mark.at, mark.cause, self.rng.choice(words)) for mark in self.marks()]

    def switches(self, keys):
        return {
            key: [Switch(n, m.at, m.cause, self.rng.random() < 0.5) for n, m in enumerate(marks)]
            for key in keys
            if (marks := self.marks())
        }

    def terms(self):
        words = ("trial", "active", "cancelled", "ended")
        return [
            Term(mark.at, mark.cause, self.rng.choice(words),
                 self.rng.choice([None, mark.at + self.rng.randrange(60) * DAY]),
                 self.rng.random() < 0.3)
            for mark in self.marks()
        ]  # fmt: skip

    def state(self):
        """One in which anything may be missing."""
        rng = self.rng
        state = State(zone=rng.choice(ZONES))
        if rng.random() < 0.6:
            for mark in (self.mark() for _ in range(rng.randrange(1, 12))):
                used = FeatureUsed(
                    at=datetime.fromtimestamp(mark.at, UTC), source="a", feature="f",
                    count=rng.choice([1, 3]),
                )  # fmt: skip
                use(state, "c", used, mark)
        for name in ("setup_started", "setup_completed"):
            setattr(state, name, rng.choice([None, self.mark()]))
        for name in ("purchases", "help_views", "app_errors", "referrals", "seen", "clicks"):
            setattr(state, name, self.tally())
        state.ratings, state.risks = self.dated([1, 5]), self.dated(SAID["risk_tier"])
        state.terms = self.terms()
        state.devices, state.tickets = self.switches("ab"), self.switches("t")
        state.integrations, state.replies = (
            self.switches(["alexa/a", "google/a"]),
            self.switches("m"),
        )
        state.said = {
            fact: dated for fact, words in SAID.items() if rng.random() < 0.3 and (dated := self.dated(words))
        }  # fmt: skip
        if rng.random() < 0.3:  # they moved: days that began are those of another zone now
            move_zone(state, rng.choice(ZONES))
        return state


def compared(rng, facts=(*FACTS, *DECLARED)):
    """A comparison of any fact, as a playbook may have one."""
    fact = rng.choice(facts)
    if fact.type is bool:
        return Comparison(fact.name, rng.choice(["==", "!="]), rng.random() < 0.5)
    if fact.type is str:
        words = fact.words or SAID[fact.name]
        return Comparison(fact.name, rng.choice(["==", "!="]), rng.choice(words))
    return Comparison(fact.name, rng.choice(list(OPS)), rng.choice([-1, 0, 1, 2, 7, 8, 30]))


def began(rng):
    """A start as a play may have one."""
    when = Condition(
        tuple(compared(rng) for _ in range(rng.choice([0, 1, 2]))),
        tuple(compared(rng) for _ in range(rng.choice([0, 0, 1, 2]))),
    )
    if rng.random() < 0.5:
        return Starts(stage=rng.choice(STAGES[1:]), when=when)
    return Starts(happens=rng.choice((*FACTS, *DECLARED)).name, when=when)


async def keep(connection, lives):
    """Write customers as the handlers do."""
    store = Customers(connection)
    held = await store.hold(lives, NOW)
    for id_, (state, stage) in lives.items():
        one = held[id_]
        one.known, one.zone, one.stage = True, state.zone, stage
        one.uses, one.last_use = state.uses, state.last_use
    await store.save(list(held.values()))
    # of whom nothing was told there is no state
    await store.save_states([(held[id_], lives[id_][0]) for id_ in lives if id_ != "c-00"])


@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
@given(rng=st.randoms(use_true_random=False))
async def test_an_audience_is_whom_the_condition_holds_of(engine, rng):
    lives = {f"c-{n:02}": (Life(rng).state(), rng.choice(STAGES)) for n in range(MANY)}
    lives["c-00"] = (State(zone="Europe/Berlin"), rng.choice(STAGES))
    async with engine.connect() as connection:
        await keep(connection, lives)
        for _ in range(10):
            starts = began(rng)
            play = Play("one", "", starts, ())
            candidates = await Audiences(connection).candidates(starts, T, "", "d")
            found = {each.customer for each in candidates if matches(play, each.known, T)}
            held = {
                id_
                for id_, (state, stage) in lives.items()
                if (starts.stage is None or stage == starts.stage)
                and (starts.happens is None or fact_of(starts.happens).events(state, -1, T))
                and starts.when.holds(state, T)
            }
            assert found == held, (str(starts), found ^ held)
        await connection.rollback()


def test_of_every_fact_something_is_compiled():
    assert all(of_start(Starts(happens=fact.name), T) for fact in (*FACTS, *DECLARED))


def test_no_line_is_of_a_fact_that_is_gone():
    assert KNOWN.keys() <= {fact.name for fact in FACTS}
