"""How often customers of a cohort drop for good and go away for a while, learned as days go by."""

from dataclasses import dataclass

from services.analytics.domain.drops.parameters import Parameters

KEEP = 0.5 ** (1.0 / 120.0)  # what a day's counts are worth after it: half after 120 days
SURE_DAYS = 20_000.0  # customer-days that the first assumption of drops is worth
SURE_LEAVES = 2_500.0  # that of absences: they are many, and one is seen as soon as it ends
SEEN = 0.8  # share of the drops that are believed within a month
LEAST, MOST = 0.05, 3.0  # of the first assumption


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over the customers of a cohort, old ones worth less.

    Attributes:
        days: customer-days that could be judged.
        clear: those of them on which an absence would show.
        drops: drops that have held.
        returns: absences that ended.
    """

    days: float = 0.0
    clear: float = 0.0
    drops: float = 0.0
    returns: float = 0.0

    def plus(self, days: int, clear: int, drops: int, returns: int) -> "Counts":
        """The counts after one more day."""
        return Counts(
            self.days * KEEP + days,
            self.clear * KEEP + clear,
            self.drops * KEEP + drops,
            self.returns * KEEP + returns,
        )

    def hazard(self, p: Parameters) -> float:
        """Probability that a healthy customer drops on a day."""
        return _rate(self.drops / SEEN, self.days, p.hazard, SURE_DAYS)

    def leave(self, p: Parameters) -> float:
        """Probability that a customer goes away for a while on a day."""
        return _rate(self.returns, self.clear, p.leave, SURE_LEAVES)


def _rate(events: float, days: float, first: float, sure: float) -> float:
    rate = (events + sure * first) / (days + sure)
    return min(max(rate, LEAST * first), MOST * first)
