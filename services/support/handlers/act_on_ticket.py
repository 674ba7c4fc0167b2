"""A person acts on a ticket: the same locks as the fault handler, the same history, one change."""

from services.support.domain import timers
from services.support.domain.actions import Action, By
from services.support.domain.rules import Rules
from services.support.domain.ticket import Ticket
from services.support.errors import TicketChangedSince, TicketNotFound
from services.support.handlers.ports import Emit, Store
from services.support.handlers.progresses import begin, finish


async def act_on_ticket(
    ticket_id: str,
    action: Action,
    by: By,
    store: Store,
    emit: Emit,
    rules: Rules,
    *,
    versions: frozenset[int] | None = None,
) -> tuple[Ticket, Ticket]:
    """Do it; timers due before it act first.

    Args:
        versions: what the caller read; None: whatever it is now.
    Returns: the ticket before and after.
    Raises: TicketNotFound (also when it is not shared with the organisation of `by`);
        TicketChangedSince; what the action refuses.
    """
    seen = await store.tickets.read(ticket_id, by.organisation)
    if seen is None:
        raise TicketNotFound(ticket_id)
    work, tickets = await begin(
        store, await store.fault_keys.hold([seen.fault_key]), also=[ticket_id]
    )
    progress = work[seen.fault_key]
    timers.fire_due(progress, by.at, rules)
    ticket = progress.changed.get(ticket_id, tickets[ticket_id])
    if versions is not None and ticket.version not in versions:
        raise TicketChangedSince(ticket_id, ticket.version)
    action(progress, ticket, by)
    await finish(store, emit, [progress])
    return ticket, progress.changed[ticket_id]
