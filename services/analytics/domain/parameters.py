"""The constants of the drop detector, in one place, each with its unit and its source."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Parameters:
    """What the detector may be tuned by; the values are measured in docs/decisions/0004.

    Attributes:
        kept_share: share of its former usage a dropped customer keeps, one per drop state.
        hazard: probability that a healthy customer drops on a given day (6 % a month).
        half_life: of the baseline, reporting days.
        recent_half_life: of the recent level that gives the severity, reporting days.
        learning: reporting days before the first verdict.
        enough_uses: uses in the baseline before the first verdict: who never used cannot drop.
        watch: posterior above which a customer is watched.
        held: reporting days above `watch` that make a customer at risk.
        stop_held: days since the onset before a complete stop is believed: a shorter one is as
            likely a vacation.
        recovered: posterior below which an alarm is over.
        accept_after: reporting days above `watch` after which the new level becomes the usual one.
        silent: days in a row without enough signs of life that make a customer's devices unreachable.
        cohort_min: reporting members a cohort needs; smaller ones use their region's numbers.
        pool: expected uses of its region that a cohort's day factor is mixed with.
        frozen_from: posterior from which the baseline no longer learns.
        settled: reporting days before a customer counts for its cohort's factor.
        low: risk below which nobody is at risk, and from which a customer is watched.
        high: risk from which a customer is at risk.
    """

    kept_share: tuple[float, float, float] = (0.05, 0.3, 0.6)
    hazard: float = 0.002
    half_life: float = 60.0
    recent_half_life: float = 5.0
    learning: int = 14
    enough_uses: float = 3.0
    watch: float = 0.9
    held: int = 14
    stop_held: int = 11
    recovered: float = 0.2
    accept_after: int = 60
    silent: int = 14
    cohort_min: int = 30
    pool: float = 30.0
    frozen_from: float = 0.5
    settled: int = 7
    low: float = 0.25
    high: float = 0.5

    def per(self, days: int) -> "Parameters":
        """The same for periods of so many days, for products that are used now and then.

        A period is judged as a day is; memory is at least a dozen of them.
        """
        if days == 1:
            return self
        return replace(
            self,
            hazard=1.0 - (1.0 - self.hazard) ** days,
            half_life=max(self.half_life / days, 12.0),
            recent_half_life=max(self.recent_half_life / days, 1.5),
            learning=max(round(self.learning / days), 6),
            held=max(round(self.held / days), 2),
            stop_held=max(self.stop_held, days),
            accept_after=max(round(self.accept_after / days), 6),
            settled=max(round(self.settled / days), 4),
        )


STANDARD = Parameters()
