"""Risk flags against the truth the fleet wrote: recall, precision, delay. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

COUNTS_WITHIN_DAYS = 45
ONE_PER_DAYS = 30
MIN_REPORTING_DAYS = 14
ENOUGH_DAYS = 22  # days without use after which a stop of a usual customer is named


@dataclass(frozen=True)
class Flag:
    """One customer flagged on the closing of one local day."""

    customer: str
    day: date


@dataclass(frozen=True)
class Score:
    """How the flags of one tier compare with the truth.

    Attributes:
        found, missed: drops with and without a flag in the 45 days after.
        false: flags that no drop explains, by what really happened then (or the persona).
        left_out: drops of customers known for fewer than 14 reporting days.
        false_while_healthy: false flags of customers without a drop, or before it.
        healthy_days: days of all customers without a drop so far.
    """

    found: int
    missed: int
    false: Mapping[str, int]
    left_out: int
    delays: tuple[int, ...]
    false_while_healthy: int = 0
    healthy_days: int = 0
    too_late: int = 0
    """Drops missed with fewer than ENOUGH_DAYS after them: too few for a flag."""
    kinds: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Kind of drop -> how many were found, of how many."""

    @property
    def recall(self) -> float | None:
        """Share of drops found; None without drops."""
        drops = self.found + self.missed
        return self.found / drops if drops else None

    @property
    def precision(self) -> float | None:
        """Share of flags that were right; None without flags."""
        flags = self.found + sum(self.false.values())
        return self.found / flags if flags else None

    @property
    def false_alarms(self) -> float | None:
        """False flags of healthy customers per 1,000 customer-months; None without such days."""
        months = self.healthy_days / 30.0
        return 1000.0 * self.false_while_healthy / months if months else None

    @property
    def median_delay_days(self) -> float | None:
        """Days from the drop to its flag."""
        return median(self.delays) if self.delays else None


@dataclass(frozen=True)
class Life:
    """What was true of one customer."""

    persona: str
    drop: date | None
    reporting_days: int
    """Days with reports before the drop."""
    spells: tuple[tuple[str, date, date], ...] = ()
    """(vacation, outage, ..., first, last day)."""
    healthy_days: int = 0
    """Days known without a drop so far."""
    kind: str = ""
    """Of the drop."""


def thinned(flags: Iterable[Flag]) -> list[Flag]:
    """At most one flag per customer in 30 days, the earliest."""
    kept: dict[str, date] = {}
    scored = []
    for flag in sorted(flags, key=lambda f: (f.day, f.customer)):
        last = kept.get(flag.customer)
        if last is None or (flag.day - last).days >= ONE_PER_DAYS:
            kept[flag.customer] = flag.day
            scored.append(flag)
    return scored


def explain(flag: Flag, life: Life) -> str:
    """What was going on when a customer was flagged without a drop."""
    for name, first, last in life.spells:
        if first <= flag.day and (flag.day - last).days <= MIN_REPORTING_DAYS:
            return name
    return life.persona


def score(flags: Iterable[Flag], lives: Mapping[str, Life], end: date = date.max) -> Score:
    """Compare flags of one tier with what happened.

    A drop is found by a flag within 45 days after it. A customer's later flags of the same drop
    count neither way; every other flag is false, in vacations and outages too.

    Args:
        end: the last day that was looked at.
    """
    totals: dict[str, int] = {}
    false: dict[str, int] = {}
    healthy = 0
    out = {
        name
        for name, life in lives.items()
        if life.drop is not None and life.reporting_days < MIN_REPORTING_DAYS
    }
    for flag in thinned(flags):
        life = lives[flag.customer]
        if flag.customer in out:
            continue
        delay = None if life.drop is None else (flag.day - life.drop).days
        if delay is not None and delay >= 0 and flag.customer in totals:
            continue
        if delay is not None and 0 <= delay <= COUNTS_WITHIN_DAYS:
            totals[flag.customer] = delay
        else:
            why = explain(flag, life)
            false[why] = false.get(why, 0) + 1
            healthy += delay is None or delay < 0
    drops = {n: life.drop for n, life in lives.items() if life.drop is not None and n not in out}
    return Score(
        found=len(totals),
        missed=len(drops) - len(totals),
        false=dict(sorted(false.items(), key=lambda item: -item[1])),
        left_out=len(out),
        delays=tuple(sorted(totals.values())),
        false_while_healthy=healthy,
        too_late=sum(
            1 for n, drop in drops.items() if n not in totals and (end - drop).days < ENOUGH_DAYS
        ),
        healthy_days=sum(life.healthy_days for name, life in lives.items() if name not in out),
        kinds=_kinds({name: lives[name].kind for name in drops}, totals),
    )


def _kinds(kinds: Mapping[str, str], flagged: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    of = Counter(kinds.values())
    had = Counter(kind for name, kind in kinds.items() if name in flagged)
    return {kind: (had[kind], of[kind]) for kind in sorted(of)}
