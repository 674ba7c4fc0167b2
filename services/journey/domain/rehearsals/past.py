"""A customer's known past, and their state as it was at a moment of it."""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, NamedTuple

from services.journey.domain.contacts.contact import Contact, whom
from services.journey.domain.customers.state import Mark, State, Tally, moment
from services.journey.domain.facts import BY_NAME
from services.journey.domain.facts.fact import Comparison
from services.journey.domain.messages.left import Left
from services.journey.domain.messages.of_runs import trouble
from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.plays.play import Play
from services.journey.domain.plays.run import Run
from services.journey.domain.products.making import Against
from services.journey.domain.stages.timeline import Entry
from services.journey.domain.steps.offer import MADE, refused


class Other(NamedTuple):
    """A message of another play, as it really was; moments are epoch seconds.

    Attributes:
        decided: when what was decided last was decided; None: it has not been asked yet.
        sent: it went out then.
        over: nothing more is decided about it.
    """

    planned: int
    decided: int | None
    purpose: Purpose
    priority: int
    sent: bool
    over: bool
    channel: Channel = Channel.EMAIL

    def waits(self, t: int) -> bool:
        """Whether it waited at t."""
        return self.planned <= t and not (
            self.over and self.decided is not None and self.decided <= t
        )


class Done(NamedTuple):
    """What somebody really said of a task, and when."""

    result: str
    at: int


class Person(NamedTuple):
    """A contact of an account; `suppressed`: since when nothing is sent to their address."""

    added: int
    contact: Contact
    suppressed: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """All that is known of a customer.

    Attributes:
        entries: stages entered, in time order.
        before: the newest run of the play from before the rehearsal begins, as it really was.
        reachable: there is an address now; when it came is not known.
        suppressed: since when nothing is sent to it.
        left, agreed: since when.
        done: by the cause of a run, the step and the visit.
        people: contacts there are now, the first that was added first, with what they want now.
    """

    customer: str
    zone: str
    state: State
    entries: Sequence[Entry] = ()
    before: Run | None = None
    reachable: bool = True
    suppressed: int | None = None
    left: Sequence[tuple[int, Left]] = ()
    agreed: Sequence[tuple[int, Purpose]] = ()
    others: Sequence[Other] = ()
    done: Mapping[tuple[str, str, int], Done] = field(default_factory=dict)
    people: Sequence[Person] = ()

    def whom(self, role: str | None, t: int) -> Person | None:
        """Who got a mail for this role at t; None: the customer."""
        if role is None:
            return None
        known = {person.contact.id: person for person in self.people if person.added <= t}
        chosen = whom((person.contact for person in known.values()), role)
        return None if chosen is None else known[chosen.id]

    def stage(self, t: int) -> str | None:
        """Where the customer was at t."""
        place = bisect_right(self.entries, t, key=_at)
        return self.entries[place - 1].stage if place else None


def _at(entry: Entry) -> int:
    return entry.at


def as_of(state: State, t: int) -> State:
    """The state without what happened after t: what a step looks at must not know its future."""
    active, early = bisect_right(state.active, t), bisect_right(state.early, t)
    kept = {
        name: _upto(value, t)
        for name in state.__struct_fields__
        if (value := getattr(state, name)) and name not in _OF_USES
    }
    uses = state.uses if t >= state.last_use else early  # no rule can tell a larger number
    return State(
        **kept, uses=uses, last_use=min(state.last_use, t) if uses else 0,
        active=state.active[:active], active_causes=state.active_causes[:active],
        early=state.early[:early], early_causes=state.early_causes[:early],
    )  # fmt: skip


def of_offer(state: State, t: int) -> str:
    """What a step that offers something is told: catalogues of the past are not kept, tickets are."""
    return MADE if trouble(state, t) is None else refused(Against.TROUBLE)


_OF_USES = frozenset({"uses", "last_use", "active", "active_causes", "early", "early_causes"})


def _upto(value: Any, t: int) -> Any:
    """Of what is kept of a kind of events, that up to t."""
    if isinstance(value, Mark):
        return value if value.at <= t else None
    if isinstance(value, Tally):
        return Tally(value.count(t), value.newest[: bisect_right(value.newest, t, key=moment)])
    if isinstance(value, dict):
        cut = {key: _upto(listed, t) for key, listed in value.items()}
        return {key: listed for key, listed in cut.items() if listed}
    if isinstance(value, list):
        return [mark for mark in value if mark.at <= t]
    return value


def facts_of(play: Play) -> frozenset[str]:
    """The facts that a play asks for anywhere: what happens to the others moves no run of it."""
    asked: set[str] = set()
    _named(play.starts, asked.add)
    for part in (play.goal, play.leave, *(step.does for step in play.steps)):
        _named(part, asked.add)
    return frozenset(asked)


def _named(part: Any, note: Callable[[str], None]) -> None:
    """Note every fact that is named in a part of a play, whatever kind of steps it belongs to."""
    if isinstance(part, Comparison):
        note(part.fact)
    elif isinstance(part, str) and part in BY_NAME:
        note(part)
    elif isinstance(part, Mapping):
        _named(tuple(part.values()), note)
    elif isinstance(part, tuple | list | frozenset):
        for piece in part:
            _named(piece, note)
    elif is_dataclass(part):
        for attribute in fields(part):
            value = getattr(part, attribute.name)
            if attribute.name == "happens" and value is not None:
                note(value)  # also one that the playbook declares
            else:
                _named(value, note)
