"""What is remembered of customers: O(1) numbers each, held as one array per number."""

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class States:
    """The detector's memory of n customers; every array has shape (n,), rows sorted by customer.

    Attributes:
        uses: decayed sum of daily uses, the baseline's numerator.
        days: decayed sum of the days' weights, its denominator.
        drop_stop: probability that usage fell to about 5 %.
        drop_most: probability that it fell to about 30 %.
        drop_part: probability that it fell to about 60 %.
        near_uses: like `uses` over about the last 30 days, never frozen.
        near_days: like `days`, likewise.
        recent: exponentially weighted mean of daily uses.
        usual: the same mean of what was expected.
        coverage: days' worth of heartbeats on an ordinary day; 0: never sent one.
        reporting_days: days that could be judged.
        silent_days: days in a row that could not be judged: nothing, or too little, was heard.
        days_above: reporting days in a row with a posterior above the watch threshold.
        alarm: 1 from the first crossing of the threshold until recovery, 2 once it has held.
        onset: proleptic ordinal of the last day with a posterior below 0.1; 0: none.
        accepted: proleptic ordinal of the day a lower level became the usual one; 0: never.
        away_first: probability of being in the first third of an absence that ends.
        away_second: of being in the second.
        away_third: of being in the last.
        absences: absences that ended.
        absent_days: days of all of them.
        pace_week: uses, each halved every 7 days, as of `used_last`.
        pace_month: the same, halved every 30 days.
        pace_quarter: every 90.
        pace_year: every 365.
        gap_logs: sum of the logs of the days between days with use.
        gap_longest: the longest of them, days.
        used_days: days with use.
        used_first: proleptic ordinal of the first; 0: none.
        used_last: of the last; 0: none.
        week: seven ratios, one a weekday, as weeks.py packs them.
        season: shares of the year's pace, one a span, as seasons.py packs them.
    """

    uses: Floats
    days: Floats
    drop_stop: Floats
    drop_most: Floats
    drop_part: Floats
    near_uses: Floats
    near_days: Floats
    recent: Floats
    usual: Floats
    coverage: Floats
    reporting_days: Ints
    silent_days: Ints
    days_above: Ints
    alarm: Ints
    onset: Ints
    accepted: Ints
    away_first: Floats
    away_second: Floats
    away_third: Floats
    absences: Ints
    absent_days: Ints
    pace_week: Floats
    pace_month: Floats
    pace_quarter: Floats
    pace_year: Floats
    gap_logs: Floats
    gap_longest: Ints
    used_days: Ints
    used_first: Ints
    used_last: Ints
    week: Ints
    season: Ints

    @classmethod
    def new(cls, n: int) -> Self:
        """N customers of whom nothing is known."""
        arrays: dict[str, Any] = {
            name: np.zeros(n, dtype=np.int64 if name in WHOLE else np.float64) for name in COLUMNS
        }
        return cls(**arrays)

    @property
    def posterior(self) -> Floats:
        """Probability of a drop of any size, at most 0.9999."""
        total: Floats = self.drop_stop + self.drop_most + self.drop_part
        return total

    @property
    def away(self) -> Floats:
        """Probability of an absence that ends."""
        total: Floats = self.away_first + self.away_second + self.away_third
        return total

    @property
    def unusual(self) -> Floats:
        """Probability that the customer has dropped or is away."""
        total: Floats = self.posterior + self.away
        return total

    def take(self, places: Ints) -> "States":
        """The states at these places."""
        return States(**{name: getattr(self, name)[places] for name in COLUMNS})

    def part(self, part: slice) -> "States":
        """Views of some of them."""
        return States(**{name: getattr(self, name)[part] for name in COLUMNS})

    def put(self, part: slice, states: "States") -> None:
        """Overwrite some of them."""
        for name in COLUMNS:
            getattr(self, name)[part] = getattr(states, name)

    def where(self, condition: Flags, otherwise: "States") -> "States":
        """These states where `condition`, else the others."""
        return States(
            **{
                name: np.where(condition, getattr(self, name), getattr(otherwise, name))
                for name in COLUMNS
            }
        )


WHOLE = frozenset(
    {"reporting_days", "silent_days", "days_above", "alarm", "onset", "accepted"}
    | {"absences", "absent_days", "gap_longest", "used_days", "used_first", "used_last"}
    | {"week", "season"}
)
LARGE = frozenset({"week", "season"})  # whole numbers of eight bytes
COLUMNS = tuple(field.name for field in fields(States))
