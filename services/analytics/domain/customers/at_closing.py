"""What counts of a customer at the closing of a day; news told later do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.analytics.domain.customers.customer import Customer, Description, Gain
from services.analytics.domain.customers.fitted import Fitted
from services.analytics.domain.days.close import OPEN_DAYS, REGION
from services.analytics.domain.days.local_day import DAY

APP = "app"  # the model of customers without a device
GRACE = DAY  # after the day on which the last device went away, heartbeats are not missed
EXCHANGE = 28 * DAY  # after it, days without any device are days without use
NOBODY = Description()


@dataclass(frozen=True, slots=True)
class AtClosing:
    """A customer as of the closing of a day.

    Attributes:
        descriptions: those that count, oldest first, at least one.
        cohort: model and plan; the region is the closing's.
        firmware: model and firmware of the device used now; empty: nobody has told.
        expects: for each open day, oldest first, whether silence means anything.
        waiting: for each open day, whether it lies between two devices.
        erased: nothing is read any more.
        price: a month; None: nobody has told.
        subscribed: since when without a break; None: not, or nobody has told.
    """

    descriptions: tuple[Description, ...]
    cohort: str
    expects: tuple[bool, ...]
    waiting: tuple[bool, ...]
    erased: bool
    price: float | None = None
    firmware: str = ""
    subscribed: date | None = None

    @property
    def region(self) -> str:
        """Which region closes the day."""
        return self.descriptions[-1].region


def at_closing(customer: Customer, day: date) -> AtClosing:
    """What counts of a customer at the closing of `day`."""
    told = descriptions(customer.history, day)
    device = next((f for f in reversed(customer.fitted) if f.since <= day), Fitted(day))
    return AtClosing(
        descriptions=told,
        cohort=f"{device.model or APP}/{told[-1].plan}",
        expects=_expects(customer.owned, day),
        waiting=_waiting(customer.owned, day),
        erased=customer.erased_from is not None and customer.erased_from <= day,
        price=told[-1].price,
        firmware=f"{device.model or APP}/{device.firmware}" if device.firmware else "",
        subscribed=subscribed(told),
    )


def descriptions(history: Sequence[Description], day: date) -> tuple[Description, ...]:
    """Those that count at the closing of `day`; of a customer nobody has described the defaults."""
    return tuple(description for description in history if description.since <= day) or (NOBODY,)


def subscribed(told: Sequence[Description]) -> date | None:
    """Since when a subscription runs without a break; None: none does, or nobody has told."""
    since = None
    for description in told:
        if not description.pays:
            since = None
        elif since is None:
            since = description.since
    return since


def _expects(owned: Sequence[Gain], closing: date) -> tuple[bool, ...]:
    """Whether heartbeats are to be expected on each open day: not once the last device has gone."""
    known = [gain for gain in owned if gain.since <= closing]
    gone = [gain.since for gain in known if gain.devices < 0]
    if not gone or sum(gain.devices for gain in known) > 0:
        return (True,) * OPEN_DAYS
    return tuple(closing - back * DAY <= gone[-1] + GRACE for back in reversed(range(OPEN_DAYS)))


def _waiting(owned: Sequence[Gain], closing: date) -> tuple[bool, ...]:
    """Whether each open day follows the going of the last device, and another may yet come.

    An exchange takes weeks: who has none for four has left.
    """
    days = tuple(closing - back * DAY for back in reversed(range(OPEN_DAYS)))
    return tuple(_between([gain for gain in owned if gain.since <= day], day) for day in days)


def _between(known: Sequence[Gain], day: date) -> bool:
    gone = [gain.since for gain in known if gain.devices < 0]
    return bool(gone) and sum(gain.devices for gain in known) <= 0 and day <= gone[-1] + EXCHANGE


def cohort_name(cohort: str, region: str) -> str:
    """How a cohort is called outside: model/plan/region, or the region alone."""
    return region if cohort == REGION else f"{cohort}/{region}"
