"""Health of a customer, 0 to 100: what the risk leaves of 100, and four scores that say where it lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.analytics.domain.days.totals import DaySum

WINDOW = 28  # days that tickets, faults and errors count for
ONBOARDING = 90  # days since the first use, in which it says something
WEEK = 7


@dataclass(frozen=True, slots=True)
class Health:
    """Each 0 (worst) to 100; None where nothing can be said.

    Attributes:
        overall: 100 (1 - risk of 90 days); None before the risk is learned.
        usage: share of the expected use that there lately was.
        support: halved by each ticket of 28 days.
        product: hours with use against those and faults and errors, of 28 days.
        onboarding: share of the weeks since the first use that had any; only in the first 90 days.
    """

    overall: int | None
    usage: int | None
    support: int
    product: int
    onboarding: int | None


def overall(risk_90: float | None) -> int | None:
    """The health that a risk of 90 days means."""
    return None if risk_90 is None else round(100 * (1.0 - risk_90))


def health(
    risk_90: float | None,
    recent: float,
    usual: float,
    days: Mapping[date, DaySum],
    today: date,
    *,
    judged: bool,
) -> Health:
    """The health of a customer as of the end of a day.

    Args:
        recent, usual: uses a day lately, and what was expected.
        days: local days with input.
        judged: enough days are known to say what is usual.
    """
    near = [day_sum for day, day_sum in days.items() if 0 <= (today - day).days < WINDOW]
    hours = sum(day_sum.hours.bit_count() for day_sum in near)
    bad = sum(day_sum.faults + day_sum.errors for day_sum in near)
    return Health(
        overall=overall(risk_90),
        usage=round(100 * min(recent / max(usual, 0.001), 1.0)) if judged else None,
        support=round(100 * 0.5 ** sum(day_sum.tickets for day_sum in near)),
        product=round(100 * (hours + 1) / (hours + bad + 1)),
        onboarding=_onboarding(days, today),
    )


def _onboarding(days: Mapping[date, DaySum], today: date) -> int | None:
    used = sorted(day for day, day_sum in days.items() if day_sum.uses > 0 and day <= today)
    if not used or (today - used[0]).days >= ONBOARDING:
        return None
    weeks = (today - used[0]).days // WEEK + 1
    had = {(day - used[0]).days // WEEK for day in used}
    return round(100 * len(had) / weeks)
