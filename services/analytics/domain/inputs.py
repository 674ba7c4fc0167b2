"""Events of a batch summed into rows per customer, local day and lateness."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from services.analytics.domain.local_day import DAY, closes_at, lateness, zone_of, zones_on
from shared.events import Heartbeat

DAY_S = 86_400
Row = tuple[str, date, int]  # customer, local day, closings missed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer's days begin and which region closes them."""

    zone: str = "UTC"
    region: str = "default"


@dataclass(slots=True)
class Sum:
    """What a batch adds to one row; all but `hours` are added, `hours` is or-ed.

    Attributes:
        uses: meaningful uses.
        hours: bit h is set when there was one in local hour h.
        covered_s: seconds covered by heartbeats (`every_s` each).
        faults, errors, tickets: signals kept for the reasons of a drop.
    """

    uses: int = 0
    hours: int = 0
    covered_s: int = 0
    faults: int = 0
    errors: int = 0
    tickets: int = 0


@dataclass(slots=True)
class Sums:
    """A batch's rows. Days of different arrival are different rows, so order never matters.

    Attributes:
        places: of every customer that may come; the others are in UTC and region `default`.
        zones: zones of each region, with the day each counts from.
        erased: customers of whom nothing is kept.
    """

    places: Mapping[str, Place]
    zones: Mapping[str, Mapping[str, str | None]]
    erased: frozenset[str] = frozenset()
    rows: dict[Row, Sum] = field(default_factory=dict)
    _in_time: dict[tuple[str, date], datetime] = field(default_factory=dict)

    def place(self, customer: str) -> Place:
        """Where the customer's days begin."""
        return self.places.get(customer, _NOWHERE)

    def row(self, customer: str, at: datetime, arrival: datetime) -> tuple[Sum, int]:
        """The row of an event, and its local hour."""
        place = self.places.get(customer, _NOWHERE)
        local = at.astimezone(zone_of(place.zone))
        return self.on(customer, local.date(), arrival, place), local.hour

    def on(self, customer: str, day: date, arrival: datetime, place: Place) -> Sum:
        """The row of a local day."""
        region = (place.region, day)
        until = self._in_time.get(region)
        if until is None:
            zones = zones_on(self.zones.get(place.region, _UTC), day)
            until = self._in_time[region] = closes_at(zones, day)
        late = 0
        if arrival > until:
            late = lateness(arrival, day, self.zones.get(place.region, _UTC))
        key = (customer, day, late)
        found = self.rows.get(key)
        if found is None:
            found = Sum()
            if customer not in self.erased:
                self.rows[key] = found
        return found

    def used(self, customer: str, at: datetime, arrival: datetime, count: int) -> None:
        """A meaningful use."""
        row, hour = self.row(customer, at, arrival)
        row.uses += count
        row.hours |= 1 << hour

    def heard(self, beat: Heartbeat, customer: str, arrival: datetime) -> None:
        """A heartbeat: it covers the time until the next one is due, over midnights too."""
        row, _ = self.row(customer, beat.at, arrival)
        if beat.every_s <= DAY_S:
            row.covered_s += beat.every_s
        else:
            row.covered_s += DAY_S
            self._cover_on(beat, customer, arrival)

    def _cover_on(self, beat: Heartbeat, customer: str, arrival: datetime) -> None:
        place = self.place(customer)
        first = beat.at.astimezone(zone_of(place.zone)).date()
        left, day = beat.every_s - DAY_S, first
        while left > 0:
            day += DAY
            self.on(customer, day, arrival, place).covered_s += min(left, DAY_S)
            left -= DAY_S


def days_of(rows: Iterable[Row]) -> dict[str, date]:
    """The earliest day per customer."""
    first: dict[str, date] = {}
    for customer, day, _ in rows:
        known = first.get(customer)
        if known is None or day < known:
            first[customer] = day
    return first


_NOWHERE = Place()
_UTC: Mapping[str, str | None] = {"UTC": None}
