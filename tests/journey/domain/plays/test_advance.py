"""The engine, pure: what is known decides how far a run comes, whatever order it became known in."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.journey.domain.customers.state import Dated, Mark, State, Tally
from services.journey.domain.days import moment_of, seconds
from services.journey.domain.plays.advance import advance, enter, halt
from services.journey.domain.plays.run import Known, OpenTask, Run, SendMessage
from services.journey.domain.stages.read_map import read_map
from services.journey.edges.playbook import load_playbook
from tests.house.test_house import ROOT
from tests.journey.plays import play

START = seconds(datetime(2026, 3, 1, 12, tzinfo=UTC))
HOUR, DAY = 3_600, 86_400
DONE = '{fact: setup_completed, op: "==", value: true}'

SERIES = """
  - {step: rest, wait: 2h}
  - {step: first, mail: one}
  - {step: try, wait: 1d}
  - {step: call, task: Call, team: onboarding, do: Call them., due: 1d,
     results: [helped, not reached], then: {not reached: rest}}
"""


def run(at=START):
    return Run("r", "help", "c", "", 0, "why", at, 1, since=at)


def known(stage="onboarding", zone="UTC", **state):
    return Known(State(zone=zone, **state), stage, zone)


def words(moved):
    return [f"{line.what} {line.step}: {line.why}" for line in moved.lines]


def test_a_series_of_a_mail_and_a_task_goes_its_way_step_by_step():
    plan = play(SERIES)
    moved = advance(plan, run(), known(), START, 7)
    assert (words(moved), moved.run.due) == (["begun rest: wait"], START + 2 * HOUR)
    early = advance(plan, moved.run, known(), START + 2 * HOUR - 1, 7)
    assert (early.lines, early.acts) == ((), ())
    moved = advance(plan, moved.run, known(), START + 3 * HOUR, 7)
    assert moved.acts == (SendMessage("one", "first", 2),)
    assert moved.run.since == START + 2 * HOUR  # as if it had been looked at in time
    again = advance(plan, moved.run, known(), START + 4 * HOUR, 7)
    assert (again.lines, again.acts) == ((), ())  # a mail is asked for once
    told = advance(plan, _told(moved.run, "sent"), known(), START + 5 * HOUR, 7)
    assert words(told) == ["outcome first: sent", "begun try: wait"]
    assert told.run.due == START + 29 * HOUR  # a day after the mail, not after it was wanted
    task = advance(plan, told.run, known(), START + 29 * HOUR, 7)
    assert [type(act) for act in task.acts] == [OpenTask]
    assert task.acts[0].due == START + 53 * HOUR
    back = advance(plan, _told(task.run, "not reached"), known(), START + 30 * HOUR, 7)
    assert back.run.step == "rest"
    end = advance(plan, _told(task.run, "helped"), known(), START + 30 * HOUR, 7)
    assert (end.run.state, end.run.ending) == ("ended", "done")


def _told(one, word):
    return replace(one, told=word)


@pytest.mark.parametrize(
    ("more", "known_", "ending"),
    [
        (f"goal: {{all: [{DONE}]}}", known(setup_completed=Mark(START + 5, "e")), "reached"),
        (f"leave: {{all: [{DONE}]}}", known(setup_completed=Mark(START + 5, "e")), "left"),
        ("stages: [onboarding]", known(stage="first use"), "left"),
        ("stages: [onboarding]", known(stage=None), "left"),
        (f"goal: {{all: [{DONE}]}}", known(), None),
    ],
    ids=["goal", "leave", "another stage", "no stage", "none of it"],
)
def test_a_run_ends_when_the_play_says_so_whatever_step_it_stands_at(more, known_, ending):
    moved = advance(play(SERIES, more=more), run(), known_, START + 10, 1)
    assert moved.run.ending == ending
    assert moved.run.due == (None if ending else START + 2 * HOUR)


@pytest.mark.parametrize("moved_by", [advance, halt])
def test_a_run_ends_no_earlier_than_it_began_whatever_the_clocks_say(moved_by):
    """The finding it was entered for may be dated after the event by which its end becomes known."""
    plan = play(SERIES, more=f"goal: {{all: [{DONE}]}}")
    facts = known(setup_completed=Mark(START - 9 * DAY, "e"))
    version = (1,) if moved_by is advance else ()
    moved = moved_by(plan, run(), facts, START - 6 * DAY, *version)
    assert (moved.run.ending, moved.run.ended) == ("reached", START)
    assert [line.at for line in moved.lines] == sorted(line.at for line in moved.lines)


WAIT_FOR = """
  - {step: look, wait_for: {happens: app_errors, at_most: 2d}, then: {timed out: end}}
  - {step: write, mail: one}
"""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START, "still"),  # not after the step began
        (START + 1, "write"),
        (START + 2 * DAY, "write"),
        (START + 2 * DAY + 1, "timed out"),
    ],
)
def test_a_wait_for_an_event_counts_what_happened_in_its_time_known_before_or_after(at, expected):
    plan, happened = play(WAIT_FOR), known(app_errors=Tally(1, [Mark(at, "e")]))
    before = advance(plan, run(), happened, START + 60, 1)
    parked = advance(plan, run(), known(), START + 60, 1)
    after = advance(plan, parked.run, happened, START + 2 * DAY, 1)
    if expected == "write":
        assert (before.run.step, after.run.step) == ("write", "write")
        assert [act.message for act in (*before.acts, *after.acts)] == ["one", "one"]
    elif expected == "timed out":
        assert (before.run.step, after.run.ending) == ("look", "done")
    else:
        assert before.run.step == "look"


def test_the_time_of_a_pause_is_taken_out_of_a_wait_and_what_happened_in_it_counts():
    plan = play("  - {step: rest, wait: 2d}\n" + WAIT_FOR)
    rests = replace(advance(plan, run(), known(), START, 1).run, paused_s=3 * DAY)
    assert advance(plan, rests, known(), START + 4 * DAY, 1).run.due == START + 5 * DAY
    looks = advance(plan, rests, known(), START + 5 * DAY, 1).run
    assert (looks.step, looks.since, looks.paused_s) == ("look", START + 5 * DAY, 0)
    paused = replace(looks, paused_s=DAY)
    assert advance(plan, paused, known(), START + 7 * DAY, 1).run.due == START + 8 * DAY
    happened = known(app_errors=Tally(1, [Mark(START + 5 * DAY + HOUR, "e")]))
    assert advance(plan, paused, happened, START + 7 * DAY, 1).run.step == "write"
    assert advance(plan, paused, known(), START + 8 * DAY, 1).run.ending == "done"


def test_a_condition_that_time_alone_makes_true_has_a_timer_of_its_own():
    plan = play("""
  - step: silence
    wait_for: {until: {all: [{fact: days_since_use, op: ">=", value: 3}]}, at_most: 9d}
  - {step: write, mail: one}
""")
    used = known(active=[START], first_use=Mark(START, "e"))
    parked = advance(plan, run(), used, START + 60, 1)
    assert parked.run.due == seconds(datetime(2026, 3, 4, tzinfo=UTC))
    assert advance(plan, parked.run, used, parked.run.due, 1).run.step == "write"


@pytest.mark.parametrize(
    ("zone", "since", "expected"),
    [
        ("UTC", "2026-03-01T12:00", "2026-03-02T09:00"),
        ("Asia/Tokyo", "2026-03-01T12:00", "2026-03-02T00:00"),
        ("Europe/Berlin", "2026-03-28T12:00", "2026-03-29T07:00"),  # summer time began
        ("America/New_York", "2026-10-31T12:30", "2026-11-01T14:00"),  # it ended
    ],
)
def test_a_local_time_is_the_one_on_the_customers_wall(zone, since, expected):
    at = seconds(datetime.fromisoformat(since).replace(tzinfo=UTC))
    plan = play('  - {step: rest, wait: 1h, until: "09:00"}\n  - {step: first, mail: one}')
    moved = advance(plan, run(at), known(zone=zone), at, 1)
    assert moment_of(moved.run.due).isoformat()[:16] == expected


@settings(deadline=None)  # a machine that is busy
@given(
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]),
    at=st.integers(START, START + 400 * DAY),
    looks=st.lists(st.integers(0, 4 * DAY), max_size=6),
)
def test_looking_more_often_changes_nothing(zone, at, looks):
    plan = play('  - {step: rest, wait: 1h, until: "02:30"}\n  - {step: more, wait: 1d}')
    end = at + 4 * DAY
    once = advance(plan, run(at), known(zone=zone), end, 1)
    often, lines = run(at), []
    for look in [*sorted(looks), 4 * DAY]:
        moved = advance(plan, often, known(zone=zone), at + look, 1)
        often, lines = moved.run, [*lines, *moved.lines]
    assert (often, tuple(lines)) == (once.run, once.lines)
    assert at + HOUR <= lines[1].at <= at + HOUR + DAY + HOUR


def test_a_step_that_is_gone_ends_the_run_and_a_changed_one_goes_on():
    parked = advance(play(SERIES), run(), known(), START, 1).run
    gone = advance(play("  - {step: other, wait: 1h}"), parked, known(), START, 2)
    assert (gone.run.ending, gone.run.version) == ("removed", 2)
    shorter = play("  - {step: rest, wait: 1h}\n  - {step: first, mail: one}")
    assert advance(shorter, parked, known(), START + HOUR, 2).run.step == "first"


def test_a_run_that_turns_too_often_in_a_day_is_stopped():
    plan = play("  - {step: rest, wait: 1m}\n  - {step: first, mail: one, then: {sent: rest}}")
    one, at = run(), START
    while one.state == "active":
        one = advance(plan, _told(one, "sent" if one.step == "first" else None), known(), at, 1).run
        at += 60
        assert one.visit < 300
    assert one.ending == "stuck"


def test_the_first_line_of_a_trace_says_what_it_was_entered_for():
    assert words(enter(run(), START)) == ["entered None: why"]


@pytest.mark.parametrize("early_s", [0, 1, HOUR, DAY])
def test_what_a_run_is_entered_for_holds_though_the_clock_is_behind_it(early_s):
    """The service that found a risk may be ahead of the one that acts on it."""
    plan = play(
        "  - {step: call, task: Call, team: onboarding, do: Call., due: 1d, results: [helped]}",
        starts="{happens: risk_tier}",
        more='goal: {all: [{fact: risk_tier, op: "==", value: none}]}',
    )
    risky = known(risks=[Dated(START, "finding", "at_risk")])
    moved = advance(plan, run(), risky, START - early_s, 1)
    assert ([type(act) for act in moved.acts], moved.run.state) == ([OpenTask], "active")
    paused = halt(plan, moved.run, risky, START - early_s)
    assert paused.run.state == "active"


@pytest.mark.parametrize("folder", ["home-camera", "smart-lock"])
@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([("watch", 0), ("none", 5)], ("ended", "reached", 5)),
        ([("watch", 0)], ("ended", "done", 30)),
        ([("watch", 0), ("at_risk", 5), ("none", 9)], ("ended", "reached", 9)),
        ([("at_risk", 0), ("none", 20)], ("ended", "reached", 20)),
        ([("at_risk", 0)], ("ended", "done", 30)),
    ],
    ids=["goes by itself", "stays", "gets worse and goes", "goes after the call", "nothing helps"],
)
def test_whoever_was_at_risk_is_watched_for_a_month(folder, tiers, expected):
    """A mail or a call ends nothing: what counts is whether the risk goes."""
    files = ROOT / "playbooks" / folder
    stages = read_map((files / "journey.yaml").read_text("utf-8"), "journey.yaml").stages
    plan = load_playbook(files, [stage.name for stage in stages]).plays["at risk"]
    risks = [Dated(START + day * DAY, tier, tier) for tier, day in tiers]
    run_ = run()
    for day in range(31):
        now = START + day * DAY
        seen = known(risks=[risk for risk in risks if risk.at <= now])
        run_ = advance(plan, run_, seen, now, 1).run
        told = {"article": "sent", "call": "helped"}.get(run_.step or "")
        if run_.state == "active" and told is not None:
            run_ = advance(plan, _told(run_, told), seen, now, 1).run
    assert (run_.state, run_.ending, (run_.ended - START) // DAY) == expected
