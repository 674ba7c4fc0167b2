"""Reports, tickets and states for the tests of support; times are minutes after NOON."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from services.support.domain.episode import Episode, parse
from services.support.domain.progress import Progress
from services.support.domain.rules import Rules
from services.support.domain.ticket import Resolution, State, Ticket
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
        fault_key=KEY,
        device="cam-1",
        fault_code="sd_card",
        component="",
        customer="ana",
        model="m1",
        firmware="1.0",
        severity="error",
        state=State.OPEN,
        opened_at=NOON,
        opened_by="device:cam-1",
        first_seen=NOON,
        last_seen=NOON,
        faults=1,
    )
    return replace(made, **more)


def resolved_ticket(when: datetime, resolution: Resolution = Resolution.FIX, **more: Any) -> Ticket:
    return ticket(state=State.RESOLVED, resolved_at=when, resolution=resolution, **more)


def progress(newest: Ticket | None = None, **more: Any) -> Progress:
    episode: Episode = replace(
        parse(KEY), ticket=None if newest is None else newest.id, faulty=newest is not None
    )
    return Progress(replace(episode, **more), newest)


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
