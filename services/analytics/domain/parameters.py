"""The constants of the drop detector, in one place, each with its unit and its source."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """What the detector may be tuned by; the values are measured in docs/decisions/0004.

    Attributes:
        kept_share: share of its former usage a dropped customer keeps, one per drop state.
        hazard: probability that a healthy customer drops on a given day (6 % a month).
        half_life: of the baseline, reporting days.
        recent_half_life: of the recent level that gives the severity, reporting days.
        learning: reporting days before the first verdict.
        watch: posterior above which a customer is watched.
        held: reporting days above `watch` that make a customer at risk.
        stop_held: reporting days since the onset before a complete stop is believed: a shorter
            one is as likely a vacation.
        recovered: posterior below which an alarm is over.
        accept_after: reporting days above `watch` after which the new level becomes the usual one.
        silent: days without any sign of life that make a customer unreachable.
        cohort_min: reporting members a cohort needs; smaller ones use their region's numbers.
        pool: expected uses of its region that a cohort's day factor is mixed with.
    """

    kept_share: tuple[float, float, float] = (0.05, 0.3, 0.6)
    hazard: float = 0.002
    half_life: float = 60.0
    recent_half_life: float = 5.0
    learning: int = 14
    watch: float = 0.9
    held: int = 14
    stop_held: int = 0
    recovered: float = 0.2
    accept_after: int = 60
    silent: int = 14
    cohort_min: int = 30
    pool: float = 0.0
    frozen_from: float = 0.5
    settled: int = 7


STANDARD = Parameters()
