"""The constants of the drop detector, in one place, each with its unit and its source."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Parameters:
    """What the detector may be tuned by; the values are measured in docs/decisions/0004.

    Attributes:
        kept_share: share of its former usage a dropped customer keeps, one per drop state.
        hazard: probability that a healthy customer drops on a given day (6 % a month), until the
            cohort's own is known.
        leave: probability that one goes away on a given day (4 % a month), likewise.
        stay: days an absence lasts on average, until the customer's own are known.
        away_share: share of the former usage that is seen of who is away.
        absence: days without use that are an absence, once the customer is back.
        half_life: of the baseline, reporting days.
        recent_half_life: of the recent level that gives the severity, reporting days.
        learning: reporting days before the first verdict.
        enough_uses: uses in the baseline before the first verdict: who never used cannot drop.
        watch: posterior above which a customer is watched.
        sure: learned risk from which a customer is at risk; from `watch` on it is watched.
        held: reporting days above `watch` that make a customer at risk.
        recovered: posterior below which an alarm is over.
        accept_after: reporting days above `watch` after which the new level becomes the usual one.
        accept_from: share of the old level that a new one has at least; who uses less has lapsed.
        silent: days in a row without enough signs of life that make a customer's devices unreachable.
        unheard: days of such silence after which the next ones are judged by the uses there were: a
            router that comes back is by then less likely than devices that are put away.
        cohort_min: reporting members a cohort needs; smaller ones use their region's numbers.
        pool: expected uses of its region that a cohort's day factor is mixed with.
        frozen_from: posterior from which the baseline no longer learns.
        own_weeks: whether customers have weekdays of their own: not where several days are judged as one.
        settled: reporting days before a customer counts for its cohort's factor.
        low: stated risk from which a customer is watched; a learned one below which it no longer is.
        high: stated risk from which a customer is at risk.
    """

    kept_share: tuple[float, float, float] = (0.05, 0.3, 0.6)
    hazard: float = 0.002
    leave: float = 0.04 / 30.0
    stay: float = 10.0
    away_share: float = 0.02
    absence: int = 7
    half_life: float = 60.0
    recent_half_life: float = 5.0
    learning: int = 14
    enough_uses: float = 3.0
    watch: float = 0.72
    sure: float = 0.9
    held: int = 14
    recovered: float = 0.2
    accept_after: int = 60
    accept_from: float = 0.12
    silent: int = 14
    unheard: int = 5
    cohort_min: int = 30
    pool: float = 30.0
    frozen_from: float = 0.5
    settled: int = 7
    own_weeks: bool = True
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
            leave=1.0 - (1.0 - self.leave) ** days,
            stay=max(self.stay / days, 1.0),
            absence=max(self.absence, 2 * days),
            accept_after=max(round(self.accept_after / days), 6),
            settled=max(round(self.settled / days), 4),
            own_weeks=False,
        )


STANDARD = Parameters()
