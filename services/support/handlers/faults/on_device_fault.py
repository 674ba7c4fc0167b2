"""A device reported faults or recoveries: tickets open, are joined, reopened, or left to rest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.support.domain.devices.device import Device
from services.support.domain.faults.fault_key import key_of
from services.support.domain.faults.floods import Flood, Narrow, flood_key
from services.support.domain.faults.reports import Report, fold
from services.support.domain.faults.timers import next_due
from services.support.domain.faults.work import FaultWork
from services.support.domain.rules import Rules
from services.support.handlers.faults.working import load, save
from services.support.handlers.ports import Store, Unit
from shared.events import Recovered
from shared.stream.record import Received

Told = tuple[str, str, Report]  # fault key, identity, report


async def on_device_fault(unit: Unit, batch: Sequence[Received[Report]]) -> None:
    """Load, decide, save, in the order of the log; what is too much of a device goes into one ticket.

    Reports of unclaimed devices have no effect: there is nobody to help yet.
    """
    told: list[Told] = [
        (key_of(record.event), record.id, record.event)
        for record in batch
        if record.event.customer is not None
    ]
    store, rules = unit.store, unit.rules
    known = await store.devices.hold({report.source for _, _, report in told})
    works = await _hold(store, known, {key for key, _, _ in told}, {})
    others = await store.fault_facts.open_keys(_may_open(told, works))
    works |= await _hold(store, known, others, works)
    gates = _gates(known, works, rules)
    for key, cause, report in told:
        fold(works[key], [(cause, report)], rules, gates[report.source])
    full = [id_ for id_, gate in gates.items() if gate.surplus]
    works |= await _hold(store, known, map(flood_key, full), works)
    for id_ in full:
        fold(works[flood_key(id_)], gates[id_].surplus, rules, Flood(gates[id_]))
    changed = [gate.device for id_, gate in gates.items() if gate.device is not known[id_]]
    await store.devices.write(changed)
    await save(unit, works.values())


async def _hold(
    store: Store, known: Mapping[str, Device], keys: Iterable[str], held: Mapping[str, FaultWork]
) -> dict[str, FaultWork]:
    """Lock keys not held yet, with their tickets; their devices are held, so nobody waits in turn."""
    wanted = set(keys) - set(held)
    if not wanted:
        return {}
    works = await load(store, await store.fault_keys.hold(wanted))
    for work in works.values():
        work.set(retired_at=known[work.state.device].retired_at)
    return works


def _may_open(told: Iterable[Told], works: Mapping[str, FaultWork]) -> set[str]:
    """Devices of which a ticket may open or wake: their other open tickets have to be counted."""
    return {
        report.source
        for key, _, report in told
        if isinstance(report, Recovered) or not _is_settled(works[key], report)
    }


def _is_settled(work: FaultWork, report: Report) -> bool:
    """Whether the key's ticket is open and will be when the report is folded."""
    ticket = work.ticket
    if ticket is None or not ticket.is_open or ticket.customer != report.customer:
        return False
    return next_due(work.state, ticket) is None


def _gates(
    known: Mapping[str, Device], works: Mapping[str, FaultWork], rules: Rules
) -> dict[str, Narrow]:
    by_device: dict[str, list[FaultWork]] = defaultdict(list)
    for work in works.values():
        by_device[work.state.device].append(work)
    gates = {id_: Narrow(device, rules) for id_, device in known.items()}
    for id_, gate in gates.items():
        gate.watch(by_device[id_])
    return gates
