"""The engine: one pure function that brings a run as far as it can go now.

A run is looked at whenever something is known that may matter to it: an event, its time, an answer
from outside. Steps are asked what they make of what is known, never what has just come: the same facts
give the same way, in whatever order and in however many pieces they became known.
"""

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from services.journey.domain.customers.state import Dated, State, keep
from services.journey.domain.plays.play import DAY, Play, Step
from services.journey.domain.plays.run import (
    Act,
    Ending,
    Known,
    Line,
    Moved,
    NoteFact,
    Run,
)
from services.journey.domain.steps.step import Look, Outcome

MOST_AT_ONCE = 50  # steps in one go; a play that turns without waiting was refused before
MOST_A_DAY = 200  # steps of one run in a day: nobody wants that


def advance(play: Play, run: Run, known: Known, now: int, version: int) -> Moved:
    """Look at a run: how far it comes, what it leaves in the trace, and what is to be done for it.

    Args:
        version: of `play`; a run goes on with the play as it is now, from the step it stands at.
    """
    if run.state != "active":
        return Moved(run)
    # why: clocks differ; a run is never looked at as of a moment before what it was entered for
    now = max(now, run.since)
    # an object is made only where something differs: nearly always nothing does
    run = run if run.version == version else replace(run, version=version)
    lines: list[Line] = []
    acts: list[Act] = []
    if run.step is None:
        run = _begin(run, play.steps[0], run.entered, lines)
    for _ in range(MOST_AT_ONCE):
        step = play.step(run.step)
        if step is None:
            step = play.step(play.moved.get(run.step or ""))
            if step is None:
                return _end(run, "removed", now, lines, acts)
            run = _begin(run, step, max(now, run.since), lines)
        first = bool(lines) and lines[-1].what == "begun"
        at = Look(
            run.since, run.visit, run.told, first, step.key, known, now, run.customer, run.play,
            run.paused_s, run.control,
        )  # fmt: skip
        result = step.does.look(at)
        acts += result.acts
        known = _noted(known, run, result.acts)
        if not isinstance(result, Outcome):
            due = _due(play, result.due, known, now)
            break
        lines.append(Line("outcome", step.key, run.visit, _said(result), result.at))
        follows = play.after(step.key, result.word)
        if follows is None:
            return _end(run, _last(play, known, result.at), result.at, lines, acts)
        if run.visit > MOST_A_DAY * (1 + max(now - run.entered, 0) // DAY):
            return _end(run, "stuck", now, lines, acts)
        run = _begin(run, follows, max(result.at, run.since), lines)
    else:
        return _end(run, "stuck", now, lines, acts)
    ending = ending_of(play, known, now)
    if ending is not None:
        return _end(run, ending, now, lines, acts)
    return _written(run if run.due == due else replace(run, due=due), lines, acts)


def enter(run: Run, at: int) -> Moved:
    """A run begins: its first line; `advance` brings it to its first step."""
    return _written(run, [Line("entered", None, 0, run.cause, at)], [])


def end(run: Run, ending: Ending, now: int, why: str = "") -> Moved:
    """End a run from outside."""
    return _end(run, ending, now, [], [], why)


def halt(play: Play, run: Run, known: Known, now: int) -> Moved:
    """Look at a run of a play that is paused: it ends where it would have, and goes no step further."""
    if run.state != "active":
        return Moved(run)
    now = max(now, run.since)
    ending = ending_of(play, known, now)
    if ending is not None:
        return _end(run, ending, now, [], [])
    return Moved(replace(run, due=_due(play, None, known, now)))


def tell_call(run: Run, word: str, why: str, now: int) -> Moved:
    """What was agreed about a call is told to the run that stands at its step, and to its trace."""
    return _written(replace(run, told=word), [Line("call", run.step, run.visit, why, now)], [])


def park(run: Run, why: str, now: int) -> Moved:
    """It cannot be worked out: it waits alone, and no other run with it."""
    parked = replace(run, state="parked", due=None)
    return _written(parked, [Line("parked", run.step, run.visit, why, now)], [])


def note(state: State, run: str, act: NoteFact) -> None:
    """Fold what a step notes: once, however often it is told."""
    cause = f"run:{run}/{act.step}/{act.visit}"
    keep(state.said.setdefault(act.fact, []), Dated(act.at, cause, act.value))


def _said(result: Outcome) -> str:
    return f"{result.word}: {result.why}" if result.why else result.word


def _noted(known: Known, run: Run, acts: Sequence[Act]) -> Known:
    """What is known once these are done; the state that was given stays as it is."""
    noted = [act for act in acts if isinstance(act, NoteFact)]
    if not noted:
        return known
    said = {fact: list(marks) for fact, marks in known.state.said.items()}
    state = structs.replace(known.state, said=said)
    for act in noted:
        note(state, run.id, act)
    return replace(known, state=state)


def _begin(run: Run, step: Step, since: int, lines: list[Line]) -> Run:
    lines.append(Line("begun", step.key, run.visit + 1, step.does.kind, since))
    begun = replace(run, step=step.key, visit=run.visit + 1, since=since, due=None, told=None)
    return replace(begun, paused_s=0)


def ending_of(play: Play, known: Known, now: int) -> Ending | None:
    """Why a run of this play ends now, whatever step it stands at."""
    if not play.goal.is_empty and play.goal.holds(known.state, now):
        return "reached"
    if not play.leave.is_empty and play.leave.holds(known.state, now):
        return "left"
    if play.stages and known.stage not in play.stages:
        return "left"
    return None


def _last(play: Play, known: Known, at: int) -> Ending:
    """How a run ends whose last step is over: it may have been waiting for the goal."""
    return "reached" if not play.goal.is_empty and play.goal.holds(known.state, at) else "done"


def _due(play: Play, own: int | None, known: Known, now: int) -> int | None:
    """The step's own time, or an earlier one at which time alone may end the run."""
    moments = [own, *(c.changes_after(known.state, now) for c in (play.goal, play.leave))]
    return min((at for at in moments if at is not None), default=None)


def _end(
    run: Run, ending: Ending, at: int, lines: list[Line], acts: list[Act], why: str = ""
) -> Moved:
    at = max(at, run.entered, run.since)  # clocks differ: nothing ends before it has begun
    lines.append(Line("ended", run.step, run.visit, why or ending, at))
    ended = replace(run, state="ended", ending=ending, ended=at, due=None, told=None)
    return _written(ended, lines, acts)


def _written(run: Run, lines: list[Line], acts: list[Act]) -> Moved:
    written = replace(run, lines=run.lines + len(lines)) if lines else run
    return Moved(written, tuple(lines), tuple(acts))
