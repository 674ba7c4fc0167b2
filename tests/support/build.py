"""Reports, tickets and states for the tests of support; times are minutes after NOON."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from services.support.domain.faults.facts import Facts
from services.support.domain.faults.fault_key import parse
from services.support.domain.faults.work import FaultWork
from services.support.domain.rules import Rules
from services.support.domain.tickets.ticket import Origin, Priority, Resolution, State, Ticket
from shared.events import Event, Fault, Recovered, RegistryChanged, Telemetry
from shared.stream.record import Received

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
BOOT = "9f1c2ab37d405e68"
KEY = "cam-1|sd_card|"
RULES = Rules()


def at(minutes: float) -> datetime:
    return NOON + minutes * MINUTE


def fault(minutes: float = 0, seq: int = 1, **more: Any) -> Fault:
    given = {"source": "cam-1", "customer": "ana", "code": "sd_card", "boot": BOOT, **more}
    return Fault(at=at(minutes), seq=seq, **given)


def recovered(minutes: float = 0, seq: int = 1, **more: Any) -> Recovered:
    given = {"source": "cam-1", "customer": "ana", "code": "sd_card", "boot": BOOT, **more}
    return Recovered(at=at(minutes), seq=seq, **given)


def ticket(**more: Any) -> Ticket:
    made = Ticket(
        id="11111111-1111-1111-1111-111111111111",
        origin=Origin.FAULT,
        customer="ana",
        device="cam-1",
        state=State.OPEN,
        opened_at=NOON,
        opened_by="device:cam-1",
        priority=Priority.HIGH,
    )
    return replace(made, **more)


def facts(of: Ticket, **more: Any) -> Facts:
    """What such a ticket knows of its fault."""
    made = Facts(
        ticket=of.id,
        key=KEY,
        device="cam-1",
        code="sd_card",
        component="",
        model="m1",
        firmware="1.0",
        severity="error",
        first_seen=NOON,
        last_seen=NOON,
        faults=1,
        is_open=of.is_open,
    )
    return replace(made, **more)


def resolved_ticket(when: datetime, resolution: Resolution = Resolution.FIX, **more: Any) -> Ticket:
    return ticket(state=State.RESOLVED, resolved_at=when, resolution=resolution, **more)


def work_of(*tickets: Ticket, **more: Any) -> FaultWork:
    """A fault key being worked on, whose newest ticket comes first."""
    newest = tickets[0] if tickets else None
    state = replace(
        parse(KEY), ticket=None if newest is None else newest.id, faulty=newest is not None
    )
    return FaultWork(replace(state, **more), tickets, map(facts, tickets))


def numbered(*reports: Fault | Recovered) -> list[tuple[str, Fault | Recovered]]:
    """Each with its identity, as records come."""
    return [(f"/{r.source}/fault#{r.boot}:{r.seq}", r) for r in reports]


def record(event: Event, *, offset: int = 0) -> Received[Any]:
    """As the run loop hands it over."""
    if isinstance(event, Telemetry):
        number = f"hash-{offset}" if event.seq is None else event.seq
        id_ = f"/{event.source}/{event.STREAM}#{event.boot}:{number}"
    else:
        id_ = f"/test#{event.type_name()}:{offset}"
    return Received(event, id_, event.TOPIC, 0, offset, event.at, event.at)


def records(*events: Event) -> list[Received[Any]]:
    return [record(event, offset=offset) for offset, event in enumerate(events)]


def registry(version: int, change: str, minutes: float, **more: Any) -> RegistryChanged:
    given = {"source": "cam-1", "kind": "device", "model": "m1", **more}
    return RegistryChanged(at=at(minutes), change=change, version=version, **given)
