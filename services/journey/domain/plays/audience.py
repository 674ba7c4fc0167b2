"""Whom the start of a play holds of now, and what would become of each: the question and its sums."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from services.journey.domain.facts import fact_of
from services.journey.domain.plays.advance import ending_of
from services.journey.domain.plays.play import Play
from services.journey.domain.plays.run import Known, Run
from services.journey.domain.plays.start import LeftOut, Occasion, Why, start

BY_MAIL: Final = frozenset(
    {"mail", "ask", "rate", "call"}
)  # kinds of steps that write to customers
FIGURES: Final = 2  # of an estimate that mean something

Fate = Literal[
    Why,
    "enters",  #: a run of theirs would begin
    "compared",  #: one would begin in which nothing is done for them
    "ends",  #: one would be over at once: what it is for is so already, or it is not for them
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer who may be of the audience."""

    customer: str
    known: Known


@dataclass(frozen=True, slots=True)
class Member:
    """A customer of the audience.

    Attributes:
        unreached: no mail would reach them.
    """

    customer: str
    stage: str | None
    fate: Fate
    unreached: bool


@dataclass(slots=True)
class Audience:
    """How many they are.

    Attributes:
        customers: all there are.
        looked_at: of these; fewer are a sample, and the other numbers an estimate.
        fates: of those who are in the audience.
        unreached: of these, those whom no mail would reach.
    """

    customers: int
    looked_at: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    unreached: int = 0

    def take(self, members: Collection[Member]) -> None:
        """Count some more."""
        self.fates.update(member.fate for member in members)
        self.unreached += sum(member.unreached for member in members)

    def estimated(self) -> "Audience":
        """What the sample says of all, in numbers that do not look more exact than they are."""

        def of_all(many: int) -> int:
            return rounded(many * self.customers / max(self.looked_at, 1))

        fates = Counter({fate: of_all(many) for fate, many in self.fates.items()})
        return Audience(self.customers, self.looked_at, fates, of_all(self.unreached))


def rounded(many: float) -> int:
    """To its first figures.

    >>> rounded(1243.7), rounded(87.2), rounded(0)
    (1200, 87, 0)
    """
    whole = round(many)
    return int(round(whole, FIGURES - len(str(whole)))) if whole else 0


def matches(play: Play, known: Known, now: int) -> bool:
    """Whether the start of a play holds of a customer: where they are, what happened, what is so."""
    starts = play.starts
    if starts.stage is not None and known.stage != starts.stage:
        return False
    if starts.happens is not None and not fact_of(starts.happens).events(known.state, -1, now):
        return False
    return starts.when.holds(known.state, now)


def matching(play: Play, candidates: Sequence[Candidate], now: int) -> list[Candidate]:
    """Those of these that the start of a play holds of."""
    return [candidate for candidate in candidates if matches(play, candidate.known, now)]


def members(
    play: Play, matching: Sequence[Candidate], last: Mapping[str, Run], now: int,
    *, out: Collection[str], unreached: Collection[str],
) -> list[Member]:  # fmt: skip
    """What would become of each.

    Args:
        last: their newest runs of the play.
        out: who is held out of all plays.
        unreached: whom no mail reaches.
    """

    def fate(candidate: Candidate) -> Fate:
        begun = start(
            play, 0, candidate.customer, Occasion(now, ""), last.get(candidate.customer), candidate.known, now, "",
            out=candidate.customer in out,
        )  # fmt: skip
        if isinstance(begun, LeftOut):
            return begun.why
        if ending_of(play, candidate.known, now) is not None:
            return "ends"
        return "compared" if begun.control else "enters"

    return [
        Member(
            candidate.customer,
            candidate.known.stage,
            fate(candidate),
            candidate.customer in unreached,
        )
        for candidate in matching
    ]


def writes_mails(play: Play) -> bool:
    """Whether a play writes to customers by mail."""
    return any(step.does.kind in BY_MAIL for step in play.steps)
