"""Load and save: fault keys that are held become work, and the work becomes rows and events."""

from collections.abc import Collection, Iterable, Mapping

from services.support.domain.episode import Episode
from services.support.domain.organisation import plain
from services.support.domain.progress import Change, Progress
from services.support.domain.ticket import Ticket
from services.support.domain.timers import next_due
from services.support.handlers.ports import Emit, Store
from shared.events import TicketChanged


async def begin(
    store: Store, episodes: Mapping[str, Episode], *, also: Collection[str] = ()
) -> tuple[dict[str, Progress], dict[str, Ticket]]:
    """Lock the tickets of keys that are held.

    Args:
        also: ids of older tickets of these keys that are wanted too.
    Returns: the work by key, and all locked tickets by id.
    """
    ids = {one.ticket for one in episodes.values() if one.ticket is not None}
    tickets = await store.tickets.hold(ids | set(also))
    return {
        key: Progress(one, None if one.ticket is None else tickets.get(one.ticket))
        for key, one in episodes.items()
    }, tickets


async def finish(store: Store, emit: Emit, work: Iterable[Progress]) -> None:
    """Write all that the work changed, one statement a table, and tell the other services."""
    done = list(work)
    changed = [ticket for one in done for id_, ticket in one.changed.items() if id_ not in one.new]
    new = [one.changed[id_] for one in done for id_ in one.new]
    await store.fault_keys.write((one.episode, next_due(one.episode, one.ticket)) for one in done)
    await store.tickets.write(changed, new)
    await store.history.add([entry for one in done for entry in one.entries])
    for one in done:
        for change in one.changes:
            _tell(emit, change)


def _tell(emit: Emit, change: Change) -> None:
    ticket = change.ticket
    event = TicketChanged(
        at=change.at,
        ticket=ticket.id,
        change=change.told,
        state=ticket.state.value,
        version=ticket.version,
        customer=ticket.customer,
        device=ticket.device,
        fault_code=ticket.fault_code,
        model=None if ticket.model is None else plain(ticket.model),
        firmware=None if ticket.firmware is None else plain(ticket.firmware),
    )
    key = f"d:{ticket.device}" if ticket.customer is None else f"c:{ticket.customer}"
    emit(event, key=key, cause=change.cause, kind=f"ticket_{change.told}")
