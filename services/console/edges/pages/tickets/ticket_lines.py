"""How the history of a ticket is told: a line each, in words, with who it was and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.console.domain.pages.tickets.fault import in_words
from services.console.edges.pages.words import Words
from services.console.edges.services.support import Entry

# how a line looks: its icon, its tone
LOOKS = {
    "opened": ("ticket", ""),
    "fault": ("bug", "bad"),
    "recovered": ("heart", "good"),
    "flapping": ("activity", "warn"),
    "calm": ("moon", ""),
    "commented": ("message", "other"),
    "assigned": ("user", ""),
    "revealed": ("eye", ""),
    "resolved": ("circle-check", "good"),
    "reopened": ("rotate", "warn"),
}


@dataclass(frozen=True)
class Line:
    """A line of history as it is told.

    Attributes:
        why: of a fault, why it opened, joined or woke the ticket.
        text: what somebody wrote.
    """

    at: datetime
    sign: str
    tone: str
    title: str
    why: str
    text: str
    is_shared: bool


def line(words: Words, entry: Entry, people: Mapping[str, str]) -> Line:
    """An entry in words."""
    sign, tone = LOOKS[entry.what]
    ended = entry.resolution
    title = words(
        f"tickets.did.{_did(entry)}",
        who=_who(words, entry, people),
        to=called(words, entry.given_to or "", people),
        resolution=words(f"tickets.resolutions.{ended}") if ended else "",
    )
    why = f"tickets.why.{entry.why}"
    told = words(why) if words.has(why) else ""
    return Line(entry.at, sign, tone, title, told, entry.text, entry.is_shared)


def _who(words: Words, entry: Entry, people: Mapping[str, str]) -> str:
    if entry.play:
        return words("tickets.by.play", play=in_words(entry.play))
    return called(words, entry.who, people)


def _did(entry: Entry) -> str:
    if entry.what != "assigned":
        return entry.what
    if not entry.given_to:
        return "given_back"
    return "taken" if entry.given_to == entry.who else "assigned"


def called(words: Words, who: str, people: Mapping[str, str]) -> str:
    """A person by name; a device, a timer, a program, a partner by what it is."""
    kind = who.partition(":")[0].replace(" ", "_")
    if who in people:
        return people[who]
    return words(f"tickets.by.{kind}") if words.has(f"tickets.by.{kind}") else who
