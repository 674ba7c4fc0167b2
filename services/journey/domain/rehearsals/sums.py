"""What the lives of all customers come to: counters, and a few whole ways to look at."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.journey.domain.days import DAY_S, seconds
from services.journey.domain.messages.verdict import Outcome
from services.journey.domain.plays.run import Line, Run
from services.journey.domain.rehearsals.life import Did, Life, Said

PATHS = 5
WAYS = 2_000  # different ways that are told apart; further ones count as none of them
LISTED = 1_000  # of those who would enter


@dataclass(slots=True)
class Sums:
    """Of one version of a play.

    Attributes:
        entered: customers by day, a number of days since 1970.
        steps: how often each was begun, and by outcome; `""` is the beginning.
        messages: by day and channel, what went out.
        verdicts: by what was decided last, and why; held: messages that waited, by why.
        tasks: opened, by day and team; results: by step and result.
        ways: by steps and outcomes, how many went it, and the first who did.
        who: (customer, entered, ending), in the order of customers.
    """

    customers: int = 0
    compared: int = 0
    in_flight: int = 0
    parked: int = 0
    entered: Counter[int] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    steps: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    messages: Counter[tuple[int, str]] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    caps: Counter[str] = field(default_factory=Counter)
    tasks: Counter[tuple[int, str]] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    results: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    ways: dict[tuple[str, ...], tuple[int, Life]] = field(default_factory=dict)
    who: list[tuple[str, int, str]] = field(default_factory=list)

    def add(self, life: Life) -> None:
        """One customer more."""
        self.customers += 1
        self.left_out.update(left_out.why for left_out in life.left_out)
        for run, lines in life.runs:
            self._run(run, lines)
        for said in life.said:
            self._said(said)
        for did in life.did:
            self._did(did)
        if life.runs:
            self._way(life)

    def _run(self, run: Run, lines: Sequence[Line]) -> None:
        self.entered[run.entered // DAY_S] += 1
        self.compared += run.control
        if len(self.who) < LISTED:
            self.who.append((run.customer, run.entered, run.ending or run.state))
        if run.state == "ended":
            self.ended[run.ending or ""] += 1
        elif run.state == "parked":
            self.parked += 1
        else:
            self.in_flight += 1
        for line in lines:
            if line.what == "begun":
                self.steps[line.step or ""][""] += 1
            elif line.what == "outcome":
                self.steps[line.step or ""][line.why] += 1

    def _said(self, said: Said) -> None:
        verdict = said.verdict
        if verdict is None:
            return
        self.verdicts[
            verdict.outcome.value,
            verdict.said if verdict.said == "run_ended" else verdict.reason.value,
        ] += 1
        self.held.update(said.held)
        self.caps.update(said.caps)
        if verdict.outcome is Outcome.SEND:
            self.messages[seconds(said.at) // DAY_S, said.channel.value] += 1

    def _did(self, did: Did) -> None:
        self.tasks[did.opened // DAY_S, did.team] += 1
        if did.result is not None:
            self.done[did.team] += 1
            self.results[did.step, did.result] += 1

    def _way(self, life: Life) -> None:
        way = tuple(
            f"{line.step}:{line.why}"
            for _, lines in life.runs
            for line in lines
            if line.what in {"outcome", "ended"}
        )
        count, first = self.ways.get(way, (0, life))
        if count or len(self.ways) < WAYS:
            self.ways[way] = count + 1, first

    def paths(self) -> list[tuple[int, Life]]:
        """The ways most went, each with one who did."""
        return sorted(self.ways.values(), key=lambda way: (-way[0], way[1].customer))[:PATHS]
