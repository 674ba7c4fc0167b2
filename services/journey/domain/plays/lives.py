"""A play's life: which of its versions a run goes by, who may enter, where runs stand in a new version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.journey.domain.plays.play import Play

State = Literal[
    "live",
    "paused",  #: nobody enters, those under way wait
    "closing",  #: nobody enters, those under way go on to their ends
    "retired",
]
UnderWay = Literal[
    "follow",  #: those under way go on with the newest version
    "pin",  #: they keep the version they began with
]


@dataclass(frozen=True, slots=True)
class Lives:
    """How plays stand beside what their newest versions say.

    Attributes:
        generation: another one: something has been published, paused or retired since.
        states: of plays; one that is not named is live.
        older: versions that runs under way may keep, by play and number.
        unread: plays whose versions do not fit this process's folder, with what does not: another
            process, with another folder, has published them.
    """

    generation: int = 0
    states: Mapping[str, State] = field(default_factory=dict)
    older: Mapping[tuple[str, int], Play] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    def state(self, play: str) -> State:
        """How it stands."""
        return self.states.get(play, "live")

    def halts(self, play: str) -> bool:
        """Whether those under way wait where they are."""
        return self.state(play) == "paused" or play in self.unread

    def enters(self, play: str) -> bool:
        """Whether anybody may enter it now."""
        return self.state(play) == "live"


def moved(before: Sequence[str], earlier: Mapping[str, str], after: Play) -> dict[str, str]:
    """By step that is gone, the next one after it that is still there; one with none is not named.

    Args:
        before: the steps there were, in order.
        earlier: what was moved before that: it is kept, to where it leads now.
    """
    there = {step.key for step in after.steps}
    leads_to: dict[str, str] = {}
    for n, key in enumerate(before):
        follows = next((later for later in before[n + 1 :] if later in there), None)
        if key not in there and follows is not None:
            leads_to[key] = follows
    for gone, led in earlier.items():
        leads = led if led in there else leads_to.get(led)
        if gone not in there and leads is not None:
            leads_to[gone] = leads
    return leads_to


@dataclass(frozen=True, slots=True)
class Standing:
    """What becomes of the runs that stand at a step.

    Attributes:
        becomes: they stay there, go on at `to`, or end as removed.
    """

    step: str
    runs: int
    becomes: Literal["stays", "goes on", "ends"]
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Unreached:
    """A step that runs under way will never come to.

    Attributes:
        behind: the steps that they stand at, from which no way leads there.
    """

    step: str
    runs: int
    behind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a version would mean for the runs under way."""

    standing: Sequence[Standing]
    unreached: Sequence[Unreached]


def preview(before: Play | None, after: Play, runs: Mapping[str, int], *, kept: bool) -> Preview:
    """Where runs stand and what the new version means for them.

    Args:
        runs: under way, by the step they stand at.
        kept: they keep their version (`pin`).
    """
    order = [] if before is None else [step.key for step in before.steps]
    led = moved(order, {} if before is None else before.moved, after)
    keys = [*order, *sorted(runs.keys() - set(order))]
    standing = [_stands(after, key, runs[key], led, kept=kept) for key in keys if runs.get(key)]
    if kept:
        return Preview(standing, ())
    ways = {step.key: _reach(after, step.key) for step in after.steps}
    at = {stood.step: stood.to or stood.step for stood in standing if stood.becomes != "ends"}
    unreached = []
    for step in after.steps:
        behind = tuple(key for key in at if step.key not in ways[at[key]])
        if behind:
            unreached.append(Unreached(step.key, sum(runs[key] for key in behind), behind))
    return Preview(standing, unreached)


def _stands(after: Play, key: str, runs: int, led: Mapping[str, str], *, kept: bool) -> Standing:
    if kept or after.step(key) is not None:
        return Standing(key, runs, "stays")
    if key in led:
        return Standing(key, runs, "goes on", led[key])
    return Standing(key, runs, "ends")


def _reach(play: Play, first: str) -> set[str]:
    """The steps that may come from this one on, itself included."""
    reached, waiting = {first}, [first]
    while waiting:
        step = play.step(waiting.pop())
        if step is None:
            continue
        follow = (play.after(step.key, word) for word in step.does.outcomes)
        new = {later.key for later in follow if later is not None} - reached
        reached |= new
        waiting += new
    return reached
