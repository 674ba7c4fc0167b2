"""A device reported faults or recoveries: tickets open, are joined, reopened, or left to rest."""

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from services.support.domain.episode import fault_key
from services.support.domain.reports import Report, fold
from services.support.domain.rules import Rules
from services.support.handlers.ports import Emit, Store
from services.support.handlers.progresses import begin, finish
from shared.stream.record import Received


async def on_device_fault(
    batch: Sequence[Received[Report]], store: Store, emit: Emit, rules: Rules
) -> None:
    """Load, decide, save; grouped by fault key, in the order of the log within each.

    Reports of unclaimed devices have no effect: there is nobody to help yet.
    """
    by_key: dict[str, list[tuple[str, Report]]] = defaultdict(list)
    devices: set[str] = set()
    for record in batch:
        if record.event.customer is not None:
            by_key[fault_key(record.event)].append((record.id, record.event))
            devices.add(record.event.source)
    known = await store.devices.hold(devices)
    work, _ = await begin(store, await store.fault_keys.hold(by_key))
    for key, reports in by_key.items():
        progress = work[key]
        retired_at = known[progress.episode.device].retired_at
        progress.episode = replace(progress.episode, retired_at=retired_at)
        fold(progress, reports, rules)
    await finish(store, emit, work.values())
