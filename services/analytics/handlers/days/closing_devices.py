"""What a closing tells of single devices: not heard any more, though their owner is; heard again."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from services.analytics.domain.days.reach import is_back, missed
from services.analytics.handlers.days.closing_risks import Closing
from services.analytics.handlers.ports import Spell, Store
from shared.events import DeviceUnreachable
from shared.unit import Emit


async def tell_devices(closing: Closing, store: Store, emit: Emit) -> None:
    """One event a device, once: it says nothing of its owner."""
    silent = await store.reach.silent(closing.day, closing.at)
    places = _places(closing.members.ids, (device.customer for device in silent))
    gone = [
        Spell(device.customer, device.device, device.day)
        for device in missed(silent, closing.states, places, closing.day, closing.at)
    ]
    new = await store.reach.begin(gone, closing.at)
    begun = await store.reach.open()
    there = _places(closing.members.ids, (spell.customer for spell, _ in begun))
    over = [
        spell
        for spell, device in begun
        if spell.customer in there and is_back(device, spell.since, closing.day, closing.at)
    ]
    await store.reach.end(over, closing.at)
    for spell in new:
        _tell(closing, spell, emit, over=False)
    for spell in over:
        _tell(closing, spell, emit, over=True)


def _places(ids: Sequence[str], customers: Iterable[str]) -> dict[str, int]:
    """Where these customers are among the members; those of other regions are missing."""
    places = {}
    for customer in set(customers):
        place = bisect_left(ids, customer)
        if place < len(ids) and ids[place] == customer:
            places[customer] = place
    return places


def _tell(closing: Closing, spell: Spell, emit: Emit, *, over: bool) -> None:
    event = DeviceUnreachable(
        at=closing.at,
        customer=spell.customer,
        device=spell.device,
        since=spell.since,
        day=closing.day,
        over=over,
    )
    cause = f"close:{closing.region}:{closing.day.isoformat()}:{spell.customer}:{spell.device}"
    kind = "device_reachable" if over else "device_unreachable"
    emit(event, key=f"c:{spell.customer}", cause=cause, kind=kind)
