"""What analytics knows of a customer beside the usage: where, which plan, which devices; since when.

Closings read all of it as of their own day: news count from the first day whose closing comes after
them (`counts_from`), so a closing is the same however far the consumer has read on.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

import msgspec

from services.analytics.domain.customers.fitted import (
    DeviceNews,
    Fitted,
    device_news,
    fitted,
    with_news,
)
from services.analytics.domain.days.local_day import ALWAYS, counts_from
from shared.events import CustomerChanged, FirmwareUpdated, RegistryChanged

KEPT = 32  # newest changes of a customer: no day that is still open needs older ones
DEFAULT_REGION = "default"  # of customers nobody has described


class Description(msgspec.Struct, frozen=True, array_like=True):
    """What a customer was from the day `since` on."""

    since: date = ALWAYS
    zone: str = "UTC"
    region: str = DEFAULT_REGION
    plan: str = "none"
    price: float | None = None  # a month; None: nobody has told
    paying: bool | None = None  # a subscription runs; None: nobody has told, or a release before

    @property
    def pays(self) -> bool | None:
        """Whether a subscription runs; None: nobody has told."""
        return True if self.paying is None and self.price else self.paying


class Gain(msgspec.Struct, frozen=True, array_like=True):
    """By how many the customer's devices changed, counted from the day `since` on."""

    since: date
    devices: int


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer; the defaults are those of a customer only heard of in an event.

    Attributes:
        version: of the newest customer.changed applied.
        history: real changes of zone, region, plan, price or payment, oldest first.
        owned: changes of the number of devices, oldest first.
        devices_told: what was told of single devices, oldest first.
        fitted: what follows from it: the device used now and those before, oldest first.
        began: when the first use or heartbeat had happened and arrived.
        erased_from: from this day on nothing of the customer is kept or read.
    """

    version: int = 0
    history: tuple[Description, ...] = ()
    owned: tuple[Gain, ...] = ()
    devices_told: tuple[DeviceNews, ...] = ()
    fitted: tuple[Fitted, ...] = ()
    began: datetime | None = None
    erased_from: date | None = None

    @property
    def starts(self) -> dict[str, date]:
        """The regions that close days of the customer, now or formerly, and the first such day."""
        first_days: dict[str, date] = {}
        began = None if self.began is None else counts_from(self.began)
        if not self.history or (began is not None and began < self.history[0].since):
            first_days[DEFAULT_REGION] = ALWAYS if began is None else began
        for description in self.history:
            first_days.setdefault(
                description.region,
                description.since if began is None else max(began, description.since),
            )
        return first_days


def described(known: Customer, news: CustomerChanged) -> tuple[Customer, Description | None]:
    """The customer after journey's news, and what they changed; an older version changes nothing.

    A first description that is not version 1 counts for always: those before it are compacted away.
    """
    if news.version <= known.version or known.erased_from is not None:
        return known, None
    since = ALWAYS if known.version == 0 and news.version > 1 else counts_from(news.at)
    if news.erased:
        return replace(known, version=news.version, erased_from=counts_from(news.at)), None
    last = known.history[-1] if known.history else None
    if last is not None:
        since = max(since, last.since)
    told = Description(since, news.zone, news.region, news.plan, _price(news), _paying(news))
    if last is not None and _same(last, told):
        return replace(known, version=news.version), None
    earlier = known.history if last is None or last.since < since else known.history[:-1]
    history = (*earlier, told)[-KEPT:]
    return replace(known, version=news.version, history=history), told


def _same(description: Description, other: Description) -> bool:
    return msgspec.structs.replace(description, since=other.since) == other


def _price(news: CustomerChanged) -> float | None:
    """What a month brings; nothing once it is cancelled."""
    known = news.subscription
    if known is None:
        return None
    return known.price_month if known.status in ("trial", "active") else 0.0


def _paying(news: CustomerChanged) -> bool | None:
    known = news.subscription
    return None if known is None else known.status in ("trial", "active")


def begun(known: Customer, at: datetime) -> Customer:
    """The customer after a use or heartbeat that had happened and arrived at `at`."""
    return known if known.began is not None and known.began <= at else replace(known, began=at)


def gained(known: Customer, news: RegistryChanged, arrival: datetime) -> Customer:
    """The customer after getting a source."""
    if news.kind != "device":
        return known
    told = device_news(news.at, arrival, news.source, "claimed", news.model, news.firmware)
    return _told(replace(known, owned=_owned(known, told.since, 1)), told)


def lost(known: Customer, news: RegistryChanged, arrival: datetime) -> Customer:
    """The customer after giving a source away, or after its end."""
    if news.kind != "device":
        return known
    told = device_news(news.at, arrival, news.source, "lost")
    return _told(replace(known, owned=_owned(known, told.since, -1)), told)


def runs(known: Customer, news: FirmwareUpdated, arrival: datetime) -> Customer:
    """The customer after one of the devices told its firmware."""
    told = device_news(news.at, arrival, news.source, "runs", firmware=news.to_firmware)
    return _told(known, told)


def _told(known: Customer, news: DeviceNews) -> Customer:
    told = with_news(known.devices_told, news)
    return replace(known, devices_told=told, fitted=fitted(told))


def _owned(known: Customer, since: date, devices: int) -> tuple[Gain, ...]:
    """Sums per day, so that order does not matter; the oldest days are one."""
    days = {gain.since: gain.devices for gain in known.owned}
    days[since] = days.get(since, 0) + devices
    while len(days) > KEPT:
        first, second = sorted(days)[:2]
        days[second] += days.pop(first)
    return tuple(Gain(day, n) for day, n in sorted(days.items()) if n)


def ownership(news: RegistryChanged) -> tuple[str | None, str | None]:
    """Who loses and who gains the source: (previous owner, new owner), None for nobody."""
    match news.change:
        case "claimed" | "moved" if news.customer != news.previous_customer:
            return news.previous_customer, news.customer
        case "retired":
            return news.previous_customer or news.customer, None
        case _:
            return None, None
