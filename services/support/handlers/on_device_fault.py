"""A device reported faults or recoveries: tickets open, are joined, reopened, or left to rest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from services.support.domain.device import Device
from services.support.domain.episode import fault_key
from services.support.domain.floods import Flood, Narrow, flood_key
from services.support.domain.progress import Progress
from services.support.domain.reports import Report, fold
from services.support.domain.rules import Rules
from services.support.domain.timers import next_due
from services.support.handlers.ports import Emit, Store
from services.support.handlers.progresses import begin, finish
from shared.events import Recovered
from shared.stream.record import Received

Told = tuple[str, str, Report]  # fault key, identity, report


async def on_device_fault(
    batch: Sequence[Received[Report]], store: Store, emit: Emit, rules: Rules
) -> None:
    """Load, decide, save, in the order of the log; what is too much of a device goes into one ticket.

    Reports of unclaimed devices have no effect: there is nobody to help yet.
    """
    told: list[Told] = [
        (fault_key(record.event), record.id, record.event)
        for record in batch
        if record.event.customer is not None
    ]
    known = await store.devices.hold({report.source for _, _, report in told})
    work = await _hold(store, known, {key for key, _, _ in told}, {})
    others = await store.tickets.open_keys(_may_open(told, work))
    work |= await _hold(store, known, others, work)
    gates = _gates(known, work, rules)
    for key, cause, report in told:
        fold(work[key], [(cause, report)], rules, gates[report.source])
    full = [id_ for id_, gate in gates.items() if gate.surplus]
    work |= await _hold(store, known, map(flood_key, full), work)
    for id_ in full:
        fold(work[flood_key(id_)], gates[id_].surplus, rules, Flood(gates[id_]))
    changed = [gate.device for id_, gate in gates.items() if gate.device is not known[id_]]
    await store.devices.write(changed)
    await finish(store, emit, work.values())


async def _hold(
    store: Store, known: Mapping[str, Device], keys: Iterable[str], held: Mapping[str, Progress]
) -> dict[str, Progress]:
    """Lock keys not held yet, with their tickets; their devices are held, so nobody waits in turn."""
    wanted = set(keys) - set(held)
    if not wanted:
        return {}
    work, _ = await begin(store, await store.fault_keys.hold(wanted))
    for progress in work.values():
        retired_at = known[progress.episode.device].retired_at
        progress.episode = replace(progress.episode, retired_at=retired_at)
    return work


def _may_open(told: Iterable[Told], work: Mapping[str, Progress]) -> set[str]:
    """Devices of which a ticket may open or wake: their other open tickets have to be counted."""
    return {
        report.source
        for key, _, report in told
        if isinstance(report, Recovered) or not _is_settled(work[key], report)
    }


def _is_settled(progress: Progress, report: Report) -> bool:
    """Whether the key's ticket is open and will be when the report is folded."""
    ticket = progress.ticket
    if ticket is None or not ticket.is_open or ticket.customer != report.customer:
        return False
    return next_due(progress.episode, ticket) is None


def _gates(
    known: Mapping[str, Device], work: Mapping[str, Progress], rules: Rules
) -> dict[str, Narrow]:
    by_device: dict[str, list[Progress]] = defaultdict(list)
    for progress in work.values():
        by_device[progress.episode.device].append(progress)
    gates = {id_: Narrow(device, rules) for id_, device in known.items()}
    for id_, gate in gates.items():
        gate.watch(by_device[id_])
    return gates
