"""Who enters which play: what begins a run, and what speaks against it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from services.journey.domain.customers.state import Mark
from services.journey.domain.facts import fact_of
from services.journey.domain.messages.arms import SALT, held_out
from services.journey.domain.plays.play import Play
from services.journey.domain.plays.run import Known, Run
from services.journey.domain.stages.timeline import FOREVER, Entry

Why = Literal[
    "too_late",  #: it lies further back than the play's max_age
    "condition",  #: what the play asks for besides does not hold
    "already_in",  #: a run of it goes on
    "had_it",  #: there was one, and the play is for once
    "too_early",  #: there was one not long ago
    "not_live",  #: the play is paused, or ends
]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something for which a customer may enter plays: at `at`, epoch seconds."""

    at: int
    cause: str
    stage: str | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An occasion that began no run."""

    customer: str
    play: str
    cause: str
    at: int
    why: Why


def occasions(entries: Collection[Entry], marks: Mapping[str, Collection[Mark]]) -> list[Occasion]:
    """Of stages entered and of events by their facts; in time order."""
    unordered = [
        Occasion(entry.at, f"stage:{entry.stage}@{entry.at}", stage=entry.stage)
        for entry in entries
    ]
    unordered += [
        Occasion(mark.at, mark.cause, fact=fact)
        for fact, listed in marks.items()
        for mark in listed
    ]
    return sorted(unordered, key=lambda occasion: (occasion.at, occasion.cause))


def marks_of(fact: str, known: Known, now: int, max_age_s: int) -> list[Mark]:
    """The events of a fact that are not too old to begin anything."""
    return fact_of(fact).events(known.state, now - max_age_s - 1, FOREVER)


def fits(play: Play, occasion: Occasion) -> bool:
    """Whether it is what the play begins on."""
    starts = play.starts
    if starts.stage is not None:
        return occasion.stage == starts.stage
    return occasion.fact == starts.happens


def start(
    play: Play, version: int, customer: str, occasion: Occasion, last: Run | None, known: Known,
    now: int, id_: str, *, live: bool = True, out: bool = False,
) -> Run | LeftOut:  # fmt: skip
    """A run, or why there is none.

    Args:
        live: anybody may enter now.
        last: the newest run of the customer in this play.
        id_: the run's, should there be one.
        out: the customer is held out of all plays.
    """
    why = _against(play, occasion, last, known, now) or (None if live else "not_live")
    if why is not None:
        return LeftOut(customer, play.name, occasion.cause, occasion.at, why)
    return Run(
        id=id_, play=play.name, customer=customer, subject="",
        rotation=0 if last is None else last.rotation + 1, cause=occasion.cause,
        entered=occasion.at, version=version, since=occasion.at,
        control=not play.everybody
        and (out or held_out(SALT, play.name, customer, play.control)),
    )  # fmt: skip


def _against(
    play: Play, occasion: Occasion, last: Run | None, known: Known, now: int
) -> Why | None:
    if now - occasion.at > play.max_age_s:
        return "too_late"
    if last is not None:
        if last.state != "ended" or last.ended is None:
            return "already_in"
        if play.again_s is None:
            return "had_it"
        if occasion.at < last.ended + play.again_s:
            return "too_early"
    # a goal that holds already is none of this: such a run ends as soon as it has begun, so that it
    # makes no difference which of the two became known first
    holds = play.starts.when.holds(known.state, max(now, occasion.at))
    return None if holds else "condition"
