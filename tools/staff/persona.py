"""What people do with tasks and offers, and when. Pure: the same task is always done alike."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.web.who import Role
from tools.local.people import PARTNER

HOUR = timedelta(hours=1)
MISSED = 0.15  # of agreed calls
REMINDED = timedelta(days=4)  # a lead speaks to who has not answered for so long
AWAY = timedelta(days=10)  # what a colleague leaves so long a lead gives to somebody else
NO_SHOW = "no show"
WHY_NOT = "We have nobody for this one today"
Answer = Literal["accept", "decline"]


@dataclass(frozen=True, slots=True)
class Persona:
    """What somebody is like.

    Attributes:
        after: so long after they were asked they answer.
        forgets, declines, passes_on: shares of what they are asked.
    """

    after: timedelta
    forgets: float = 0.0
    declines: float = 0.0
    passes_on: float = 0.0


FAST = Persona(2 * HOUR, declines=0.05)
SLOW = Persona(20 * HOUR, declines=0.3, passes_on=0.3)
FORGETS = Persona(6 * HOUR, forgets=0.4, declines=0.1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a team of `playbooks/home-camera`."""

    name: str
    team: str
    role: Role
    persona: Persona
    organisation: str | None = None
    skills: tuple[str, ...] = ()


STAFF = (
    Person("Ada", "onboarding", "agent", FAST, skills=("networks",)),
    Person("Ben", "onboarding", "agent", SLOW),
    Person("Cleo", "success", "csm", FAST),
    Person("Dan", "success", "csm", FORGETS),
    Person("Eve", "leads", "lead", SLOW),
    Person("Finn", "helpers", "partner", FAST, PARTNER),
    Person("Gus", "helpers", "partner", FORGETS, PARTNER),
)


def whose(thing: str, team: Sequence[Person]) -> Person:
    """Who of a team sees to it."""
    return team[int(draw(thing, "whose") * len(team))]


def draw(*words: str) -> float:
    """A number from 0 to just below 1, the same for the same words.

    >>> draw("a", "b") == draw("a", "b"), 0 <= draw("c") < 1
    (True, True)
    """
    return zlib.crc32("/".join(words).encode()) / 2**32


def is_time(person: Person, thing: str, asked_at: datetime, now: datetime) -> bool:
    """Whether they see to it by now; what they forget they do when they are reminded."""
    persona = person.persona
    forgets = draw(thing, "forgets") < persona.forgets
    return now - asked_at >= persona.after + (REMINDED if forgets else timedelta())


def answers(person: Person, offer: str) -> Answer:
    """What they say to an offer."""
    return "decline" if draw(offer, "declines") < person.persona.declines else "accept"


def passes_on(person: Person, task: str) -> bool:
    """Whether they would rather that another team did it."""
    return draw(task, "passes on") < person.persona.passes_on


def kept(call: str, results: Sequence[str], missed: str) -> str:
    """What comes of a call at an agreed time; most are there."""
    if draw(call, "is there") < MISSED:
        return missed
    return result(call, [word for word in results if word != missed])


def result(task: str, results: Sequence[str]) -> str:
    """What comes of a task."""
    return results[int(draw(task, "result") * len(results))]
