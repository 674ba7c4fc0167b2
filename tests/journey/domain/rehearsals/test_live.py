"""A rehearsal, pure: the past is seen as it was, and messages and people as they would have been."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.journey.domain.contacts.contact import Consent, Contact, Reach
from services.journey.domain.customers.state import Mark, State, Switch, Tally
from services.journey.domain.days import seconds
from services.journey.domain.facts import FACTS
from services.journey.domain.messages.purpose import Purpose
from services.journey.domain.messages.verdict import Rules
from services.journey.domain.rehearsals.life import Habit, Played
from services.journey.domain.rehearsals.live import live
from services.journey.domain.rehearsals.past import Done, Other, Past, Person, as_of, facts_of
from services.journey.domain.rehearsals.rehearse import Rehearsal
from services.journey.domain.stages.timeline import Entry
from tests.journey.plays import playbook, text

START = seconds(datetime(2026, 3, 2, 12, tzinfo=UTC))  # a Monday
HOUR, DAY = 3_600, 86_400
MAILS = "  - {step: first, mail: one}\n  - {step: rest, wait: 1h}\n  - {step: then, mail: two}\n"
CALL = (
    "  - {step: call, task: Call, team: onboarding, do: D., due: 1d, results: [helped, nobody]}\n"
)


def played(steps, more="", purpose="help", **rest):
    book = playbook(text(steps, more=more), purpose=purpose)
    more = {"rules": Rules(), "teams": book.teams, **rest}
    return Played(
        book.plays["help"], 1, book.messages, begin=START - DAY, until=START + 20 * DAY, **more
    )


def past(state=None, **more):
    entered = (Entry(START, "onboarding", None, "e1"),)
    return Past("c-1", "UTC", state or State(), entered, **more)


def decided(life):
    return [
        (one.step, one.verdict.outcome.value, one.held, seconds(one.at) - START)
        for one in life.said
    ]


TO = "  - {step: first, mail: one, to: decision maker}\n  - {step: rest, wait: 1h}\n"


def dora(zone=None, added=START - DAY, suppressed=None, email="dora@acme.example", **consent):
    reach = Reach("Dora", "decision_maker", email, zone=zone)
    return Person(added, Contact("dora", "c-1", reach, Consent(**consent)), suppressed)


@pytest.mark.parametrize(
    ("person", "purpose", "verdict"),
    [
        (dora(), "help", "nothing_against"),
        (dora(left=("set-up",)), "help", "left"),
        (dora(left=("",)), "help", "left"),
        (dora(), "promotion", "never_asked"),
        (dora(promotion=True), "promotion", "nothing_against"),
        (dora(suppressed=START - HOUR), "help", "suppressed"),
        (dora(added=START + DAY), "promotion", "nothing_against"),
        (dora(email=None), "promotion", "nothing_against"),
    ],
    ids=["as they want", "left the topic", "left all", "did not agree", "agreed", "bounced",
         "not there yet: the account", "no address: the account"],
)  # fmt: skip
def test_a_mail_for_a_role_is_judged_by_whoever_has_it(person, purpose, verdict):
    agreed = ((START - DAY, Purpose.PROMOTION),)  # the account did
    life = live(past(people=(person,), agreed=agreed), played(TO, purpose=purpose))
    assert life.said[0].verdict.reason.value == verdict


def test_night_is_that_of_whoever_gets_it():
    tokyo = dora(zone="Asia/Tokyo")  # at noon of UTC it is nine there
    ((step, outcome, held, _),) = decided(live(past(people=(tokyo,)), played(TO)))
    assert (step, outcome, held) == ("first", "send", ["quiet_hours"])


marks = st.builds(Mark, st.integers(0, 40), st.sampled_from("abc"))
switch = st.builds(
    Switch, st.integers(1, 9), st.integers(0, 40), st.sampled_from("ab"), st.booleans()
)


@given(
    st.lists(marks, max_size=6), st.lists(switch, max_size=5), st.none() | marks,
    st.lists(st.integers(0, 40), unique=True, max_size=5), st.integers(0, 40),
)  # fmt: skip
def test_every_fact_of_the_past_is_the_fact_as_it_was(errors, switches, setup, days, t):
    active = sorted(day * DAY for day in days)
    state = State(
        app_errors=Tally(len(errors), sorted(errors)), setup_completed=setup, active=active,
        active_causes=["x"] * len(active), early=list(active), early_causes=["x"] * len(active),
        uses=len(active), last_use=active[-1] if active else 0,
        first_use=Mark(active[0], "x") if active else None,
        tickets={"t": sorted(switches)} if switches else {},
    )  # fmt: skip
    for moment in (t, t * DAY):
        cut = as_of(state, moment)
        for fact in FACTS:
            assert fact.value(cut, moment) == fact.value(state, moment), fact.name
            assert fact.events(cut, moment, 2**40) == [], fact.name


def test_a_step_does_not_know_its_future():
    listens = "  - {step: ears, wait_for: {happens: app_errors, at_most: 2d}}\n"
    state = State(app_errors=Tally(1, [Mark(START + DAY, "e")]))
    ((_, lines),) = live(past(state), played(listens + MAILS)).runs
    assert next((line.why, line.at - START) for line in lines if line.what == "outcome") == (
        "happened", DAY,
    )  # fmt: skip
    life = live(past(state), played(listens + MAILS))
    assert seconds(life.said[0].planned) == START + DAY  # not when it began to listen


def test_messages_are_decided_by_the_rules_that_decide_when_they_are_sent():
    opened = State(tickets={"t": [Switch(1, START - HOUR, "o", True)]})
    closed = [*opened.tickets["t"], Switch(2, START + 5 * HOUR, "c", False)]
    life = live(past(State(tickets={"t": closed})), played(MAILS, purpose="survey"))
    assert decided(life) == [
        ("first", "send", ["trouble_open"], 5 * HOUR),
        ("then", "send", ["cap_reached", "quiet_hours"], seconds(life.said[1].at) - START),
    ]
    assert life.said[1].caps == ["1 within a day"]
    left = live(past(reachable=False), played(MAILS))
    assert [one.verdict.reason.value for one in left.said] == ["no_address", "no_address"]
    never = live(past(opened), played(MAILS, purpose="survey"))
    assert next((o.verdict.reason.value, o.held) for o in never.said) == (
        "too_late",
        ["trouble_open"],
    )


def test_a_renewal_that_trouble_holds_for_a_week_is_a_task_and_the_run_goes_on_with_it():
    opened = State(tickets={"t": [Switch(1, START - HOUR, "o", True)]})
    life = live(past(opened), played(MAILS, purpose="renewal"))
    assert life.said[0].verdict.reason.value == "trouble_lasted"
    first = life.did[0]
    assert (first.step, first.team, first.comes_at) == ("first", "onboarding", first.due)
    assert [line.step for line in life.runs[0][1] if line.what == "begun"] == [
        "first", "rest", "then",
    ]  # fmt: skip


def test_who_is_held_out_of_all_plays_is_so_in_a_rehearsal():
    plan = played(MAILS, rules=Rules(holdout=0.5))
    lives = [live(replace(past(), customer=f"c-{n}"), plan) for n in range(40)]
    reasons = {
        one.verdict.reason.value for life in lives if life.runs[0][0].control for one in life.said
    }
    assert reasons == {"held_out_of_all"}
    assert 8 < sum(life.runs[0][0].control for life in lives) < 32
    everybody = played(MAILS, more="everybody: true", rules=Rules(holdout=0.5))
    assert not any(
        live(replace(past(), customer=f"c-{n}"), everybody).runs[0][0].control for n in range(40)
    )


def test_what_other_plays_really_sent_counts_for_the_caps():
    sent = Other(START - HOUR, START - HOUR, Purpose.SURVEY, 50, sent=True, over=True)
    life = live(past(others=[sent]), played(MAILS, purpose="survey"))
    assert life.said[0].held[0] == "cap_reached"


def test_a_task_is_answered_as_it_really_was_or_as_such_are():
    real = {(f"stage:onboarding@{START}", "call", 1): Done("nobody", START + 2 * HOUR)}
    (did,) = live(past(done=real), played(CALL)).did
    assert (did.result, did.comes_at) == ("nobody", START + 2 * HOUR)
    habits = {"call": Habit({"helped": 3}, 7 * HOUR)}
    (did,) = live(past(), played(CALL, habits=habits)).did
    assert (did.result, did.comes_at) == ("helped", START + 7 * HOUR)
    (did,) = live(past(), played(CALL)).did
    assert did.comes_at == did.due


def test_who_is_compared_is_not_called_and_gets_nothing():
    plan = played(MAILS + CALL, more="control: 0.5")
    lives = [live(replace(past(), customer=f"c-{n}"), plan) for n in range(40)]
    control = [life for life in lives if life.runs[0][0].control]
    assert 8 < len(control) < 32
    for life in control:
        assert {one.verdict.reason.value for one in life.said} == {"held_out"}
        run, lines = life.runs[0]
        assert (life.did, run.ending) == ([], "done")
        (came,) = (line for line in lines if line.step == "call" and line.what == "outcome")
        assert came.why in {"helped: nobody was asked", "nobody: nobody was asked"}
        assert came.at == START + HOUR + DAY  # when the task would have been due


def test_a_run_from_before_is_as_it_was_and_not_moved():
    run = live(past(), played(CALL)).runs[0][0]
    earlier = replace(run, id="r-0", entered=START - 5 * DAY, ended=START + DAY, state="ended")
    again = played(CALL, more="again: 1d")
    life = live(past(before=earlier), again)
    assert (life.runs, [one.why for one in life.left_out]) == ([], ["already_in"])
    life = live(past(before=replace(earlier, ended=START - 2 * DAY)), again)
    assert life.runs[0][0].rotation == 1


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ("  - {step: a, wait_for: {happens: ratings, at_most: 1d}}", {"ratings"}),
        ('  - {step: a, if: {any: [{fact: devices, op: ">", value: 1}]}}', {"devices"}),
        (MAILS, set()),
    ],
    ids=["an event waited for", "a condition", "none"],
)
def test_what_a_play_asks_for_is_known(steps, named):
    assert facts_of(played(steps).play) == named


def test_what_many_lives_come_to_is_counted_and_the_same_twice():
    made = [Rehearsal(played(MAILS), played(CALL)) for _ in range(2)]
    for one in made:
        one.take([replace(past(), customer=f"c-{n}") for n in range(10)])
    sums = made[0].sums
    assert (sums.entered.total(), sums.messages.total(), sums.ended["done"]) == (10, 20, 10)
    assert sums.steps["first"] == {"": 10, "sent": 10}
    assert made[0].before.tasks.total() == 10
    assert [count for count, _ in sums.paths()] == [10]
    assert made[0] == made[1]
