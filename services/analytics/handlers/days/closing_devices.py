"""What a closing tells of single devices: not heard any more, though their owner is; heard again."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from services.analytics.domain.days.reach import Heard, missed
from services.analytics.handlers.days.closing_risks import Closing
from services.analytics.handlers.ports import Store
from shared.events import DeviceUnreachable
from shared.unit import Emit


async def tell_devices(closing: Closing, store: Store, emit: Emit) -> None:
    """One event a device, once: it says nothing of its owner."""
    silent, back = await store.reach.silent(closing.day), await store.reach.back()
    places = _places(closing.members.ids, (device.customer for device in (*silent, *back)))
    gone = missed(silent, closing.states, places, closing.day)
    again = [device for device in back if device.customer in places]
    await store.reach.begin(gone, closing.at)
    await store.reach.end(again, closing.at)
    for device in gone:
        _tell(closing, device, emit, over=False)
    for device in again:
        _tell(closing, device, emit, over=True)


def _places(ids: Sequence[str], customers: Iterable[str]) -> dict[str, int]:
    """Where these customers are among the members; those of other regions are missing."""
    places = {}
    for customer in set(customers):
        place = bisect_left(ids, customer)
        if place < len(ids) and ids[place] == customer:
            places[customer] = place
    return places


def _tell(closing: Closing, device: Heard, emit: Emit, *, over: bool) -> None:
    event = DeviceUnreachable(
        at=closing.at,
        customer=device.customer,
        device=device.device,
        since=device.day,
        day=closing.day,
        over=over,
    )
    cause = f"close:{closing.region}:{closing.day.isoformat()}:{device.customer}:{device.device}"
    kind = "device_reachable" if over else "device_unreachable"
    emit(event, key=f"c:{device.customer}", cause=cause, kind=kind)
