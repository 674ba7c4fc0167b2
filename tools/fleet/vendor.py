"""The vendor's own work, day by day: sales imported, sources registered and claimed, terms renewed.

A day's work is done by the day's first step and may be done during the day before: what was sold
until that day began is imported, what will be set up on the coming day is claimed. Devices are made in
weekly batches, a week or two before set-up, and installs registered three days before: the broker takes a
new password a second later, and that may be a day or two of a history. Nothing else in it is of the
future. An exchanged device is retired two days after its last event.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tools.fleet.bad import prototypes
from tools.fleet.household import PRICES, TERM_DAYS, Device, Household
from tools.fleet.script import DAY_S, firmware_at
from tools.fleet.story import Setting

BATCH_DAYS = 7
INSTALLED_BEFORE_DAYS = 3
RETIRED_AFTER_DAYS = 2.0
RENEWED_BEFORE_DAYS = 5.0  # the end of the term
CUSTOMER_COLUMNS = (
    *("id", "kind", "zone", "region", "name", "email", "phone"),
    *("plan", "started_at", "renews_at", "price_month", "product", "purchased_at", "price"),
)
DEVICE_COLUMNS = ("id", "model", "firmware", "battery")
APP_COLUMNS = ("id", "model", "customer")
PRODUCT_COLUMNS = ("id", "name", "kind", "price")
SOLD = {  # the models of the fleet, as people call them
    "cam-indoor": "Indoor camera", "cam-outdoor": "Outdoor camera",
    "lock-s1": "Door lock S1", "doorbell": "Doorbell",
}  # fmt: skip


@dataclass
class Work:
    """One day's work.

    Attributes:
        products, customers, devices, apps: rows to import.
        claims: (source, customer).
        retire: devices that have said their last.
        renewals: (customer, renewed at, next end of term).
    """

    products: list[Sequence[object]] = field(default_factory=list)
    customers: list[Sequence[object]] = field(default_factory=list)
    devices: list[Sequence[object]] = field(default_factory=list)
    apps: list[Sequence[object]] = field(default_factory=list)
    claims: list[tuple[str, str]] = field(default_factory=list)
    retire: list[str] = field(default_factory=list)
    renewals: list[tuple[str, str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(vars(self).values())


class Vendor:
    """Knows on which day each piece of work is due."""

    def __init__(self, homes: Iterable[Household], seed: int, setting: Setting, start: int) -> None:
        self._start = start
        self._setting = setting
        self._days: dict[int, Work] = {}
        for home in homes:
            self._home(home)
        # The prototypes of `bad.py`: registered only, or retired at once.
        known, retired, _ = prototypes(seed)
        first = self._on(0)
        first.products += [(id_, SOLD[id_], "device", price) for id_, price in PRICES.items()]
        first.devices += [
            (known, "prototype", "0.1", "false"),
            (retired, "prototype", "0.1", "false"),
        ]
        first.retire.append(retired)

    def day(self, day: int) -> Work:
        """The work of one day, taken once; day 0 has all that was before."""
        return self._days.pop(day, Work())

    @property
    def connections(self) -> int:
        """Sources there will be."""
        return sum(len(work.claims) + len(work.apps) for work in self._days.values())

    def _home(self, home: Household) -> None:
        self._on(_when_past(home.purchased)).customers.append(self._customer(home))
        for device in home.devices:
            self._on(_made(device.joined)).devices.append(self._device(device))
            self._on(_day(device.joined)).claims.append((device.id, home.customer))
            if device.ends is not None:
                self._on(_when_past(device.ends + RETIRED_AFTER_DAYS)).retire.append(device.id)
        if home.app is not None:
            installed = _day(home.story.joined) - INSTALLED_BEFORE_DAYS
            self._on(installed).apps.append((home.app, "mobile", home.customer))
        if home.plan != "none" and home.renews:
            self._renewals(home)

    def _customer(self, home: Household) -> Sequence[object]:
        has_plan = home.plan != "none"
        product = home.devices[0].model if home.devices else ""
        term = (self._moment(home.purchased), self._moment(home.purchased + TERM_DAYS))
        return (
            home.customer,
            home.kind,
            home.zone,
            home.region,
            home.name,
            f"{home.name.replace(' ', '.').lower()}.{home.number}@example.com",
            f"+1555{home.number:07d}",
            home.plan if has_plan else "",
            term[0] if has_plan else "",
            term[1] if has_plan else "",
            home.price_month if has_plan else "",
            product,
            self._moment(home.purchased) if product else "",
            PRICES[product] if product else "",
        )

    def _device(self, device: Device) -> Sequence[object]:
        battery = "true" if device.battery else "false"
        return (device.id, device.model, firmware_at(device, self._setting), battery)

    def _renewals(self, home: Household) -> None:
        ends = home.purchased + TERM_DAYS
        while (at := ends - RENEWED_BEFORE_DAYS) < self._setting.days:
            if at >= 0:
                renewed = (home.customer, self._moment(at), self._moment(ends + TERM_DAYS))
                self._on(_when_past(at)).renewals.append(renewed)
            ends += TERM_DAYS

    def _on(self, day: int) -> Work:
        return self._days.setdefault(max(day, 0), Work())

    def _moment(self, day: float) -> str:
        second = round(self._start + day * DAY_S)
        return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def claims_body(claims: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Body of `POST /v1/claims`."""
    return {"claims": [{"source": source, "customer": customer} for source, customer in claims]}


def renewals_body(renewals: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Body of `POST /v1/renewals`."""
    return {
        "renewals": [
            {"customer": customer, "at": at, "renews_at": renews_at}
            for customer, at, renews_at in renewals
        ]
    }


def _day(day: float) -> int:
    """The day's number; all before history is day 0."""
    return max(int(day // 1), 0)


def _made(joined: float) -> int:
    """The day of the batch that a device is of."""
    return (_day(joined) // BATCH_DAYS - 1) * BATCH_DAYS


def _when_past(day: float) -> int:
    """The first day whose work, even when it is done a day ahead, is done after this moment."""
    return 0 if day < 0 else int(day // 1) + 2
