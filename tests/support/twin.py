"""Support's tables in memory, for tests of what handlers decide."""

from dataclasses import dataclass, field
from typing import Any

from services.support.domain.customers.customer import Customer
from services.support.domain.devices.device import Device
from services.support.domain.faults.facts import Facts
from services.support.domain.faults.fault_key import FaultKey, parse
from services.support.domain.tickets.history import Entry
from services.support.domain.tickets.ticket import Ticket
from shared.unit import Unit
from shared.web.who import Who
from tests.support.build import NOON, RULES


@dataclass
class Devices:
    rows: dict[str, Device] = field(default_factory=dict)

    async def hold(self, ids):
        return {id_: self.rows.setdefault(id_, Device(id_)) for id_ in ids}

    async def write(self, devices):
        self.rows |= {one.id: one for one in devices}


@dataclass
class Customers:
    rows: dict[str, Customer] = field(default_factory=dict)

    async def hold(self, ids):
        return {id_: self.rows.setdefault(id_, Customer(id_)) for id_ in ids}

    async def write(self, customers):
        self.rows |= {one.id: one for one in customers}


@dataclass
class FaultKeys:
    rows: dict[str, FaultKey] = field(default_factory=dict)
    due: dict[str, Any] = field(default_factory=dict)

    async def hold(self, keys):
        return {key: self.rows.setdefault(key, parse(key)) for key in keys}

    async def hold_of_devices(self, devices):
        return {key: one for key, one in self.rows.items() if one.device in devices}

    async def hold_due(self, now, limit):
        due = sorted((at, key) for key, at in self.due.items() if at is not None and at <= now)
        return {key: self.rows[key] for _, key in due[:limit]}

    async def write(self, keys):
        for key, due in keys:
            self.rows[key.key] = key
            self.due[key.key] = due


@dataclass
class Tickets:
    rows: dict[str, Ticket] = field(default_factory=dict)

    async def hold(self, ids):
        return {id_: self.rows[id_] for id_ in ids if id_ in self.rows}

    async def write(self, changed, new):
        self.rows |= {one.id: one for one in (*changed, *new)}


@dataclass
class FaultFacts:
    rows: dict[str, Facts] = field(default_factory=dict)

    async def hold(self, tickets):
        return {id_: self.rows[id_] for id_ in tickets if id_ in self.rows}

    async def write(self, changed, new):
        self.rows |= {one.ticket: one for one in (*changed, *new)}
        open_keys = [one.key for one in self.rows.values() if one.is_open]
        assert len(open_keys) == len(set(open_keys)), "two open tickets of one fault key"

    async def open_keys(self, devices):
        return [one.key for one in self.rows.values() if one.is_open and one.device in devices]


@dataclass
class History:
    rows: dict[str, Entry] = field(default_factory=dict)

    async def add(self, entries):
        for entry in entries:
            self.rows.setdefault(entry.id, entry)


@dataclass
class Twin:
    """All of it, and what was emitted."""

    devices: Devices = field(default_factory=Devices)
    customers: Customers = field(default_factory=Customers)
    fault_keys: FaultKeys = field(default_factory=FaultKeys)
    tickets: Tickets = field(default_factory=Tickets)
    fault_facts: FaultFacts = field(default_factory=FaultFacts)
    history: History = field(default_factory=History)
    emitted: dict[tuple[str, str], Any] = field(default_factory=dict)

    def emit(self, event, *, key, cause, kind, n=0):
        assert (cause, kind) not in self.emitted, "one cause, one event of a kind"
        self.emitted[cause, kind] = (event, key)
        return f"{cause}/{kind}"

    def unit(self, now=NOON):
        """A unit of work on these tables."""
        return Unit(self, RULES, now, self.emit, Who("service:support", "system", frozenset()))

    def all_rows(self):
        """Everything, to compare two histories of the same events."""
        return (
            self.devices.rows,
            self.customers.rows,
            self.fault_keys.rows,
            self.fault_keys.due,
            self.tickets.rows,
            self.fault_facts.rows,
            self.history.rows,
            self.emitted,
        )
