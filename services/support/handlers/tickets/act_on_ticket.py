"""A person acts on a ticket: the same locks as the fault handler, the same history, one change."""

from collections.abc import Set as AbstractSet

from services.support.domain.faults import timers
from services.support.domain.rules import Rules
from services.support.domain.tickets.actions import Action, By
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.errors import TicketChangedSince, TicketNotFound
from services.support.handlers.faults import working
from services.support.handlers.ports import Emit, Seen, Store
from services.support.handlers.tickets import saving


async def act_on_ticket(
    ticket_id: str,
    action: Action,
    by: By,
    store: Store,
    emit: Emit,
    rules: Rules,
    *,
    versions: AbstractSet[int] | None = None,
) -> tuple[Ticket, Seen]:
    """Do it; timers of its fault that are due before it act first.

    Args:
        versions: what the caller read; None: whatever it is now.
    Returns: the ticket before, and the ticket after with what it knows of a fault.
    Raises: TicketNotFound (also when it is not shared with the organisation of `by`);
        TicketChangedSince; what the action refuses.
    """
    seen = await store.tickets.read(ticket_id, by.organisation)
    if seen is None:
        raise TicketNotFound(ticket_id)
    facts = seen[1]
    if facts is None:
        tickets = TicketWork((await store.tickets.hold([ticket_id])).values())
        before, after = _act(tickets, ticket_id, action, by, versions)
        await saving.save(store, [tickets])
        await saving.tell(store, emit, [tickets])
        return before, (after, None)
    held = await store.fault_keys.hold([facts.key])
    work = (await working.load(store, held, also={facts.key: ticket_id}))[facts.key]
    timers.fire_due(work, by.at, rules)
    before, after = _act(work.tickets, ticket_id, action, by, versions)
    work.follow(before, after)
    await working.save(store, emit, [work])
    return before, (after, work.tickets.facts[ticket_id])


def _act(
    tickets: TicketWork, ticket_id: str, action: Action, by: By, versions: AbstractSet[int] | None
) -> tuple[Ticket, Ticket]:
    before = tickets.get(ticket_id)
    if before is None:
        raise TicketNotFound(ticket_id)
    if versions is not None and before.version not in versions:
        raise TicketChangedSince(ticket_id, before.version)
    action(tickets, before, by)
    return before, tickets.changed[ticket_id]
