"""A person acts on a ticket: the same locks as the fault handler, the same history, one change."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from services.support.domain.faults import timers
from services.support.domain.tickets.actions import Action, By
from services.support.domain.tickets.ticket import Ticket
from services.support.domain.tickets.work import TicketWork
from services.support.handlers.faults import working
from services.support.handlers.ports import Seen, Unit
from services.support.handlers.tickets import saving
from shared.audited import difference
from shared.errors import ChangedSince, NotFound


async def act_on_ticket(
    unit: Unit,
    ticket_id: str,
    verb: str,
    action: Action,
    *,
    versions: AbstractSet[int] | None = None,
    **more: object,
) -> Seen:
    """Do it and audit it; timers of its fault that are due before it act first.

    Args:
        verb: what the audit calls it.
        versions: what the caller read; None: whatever it is now.
        more: what the audit says besides what changed; nothing that people wrote.
    Returns: the ticket after, with what it knows of a fault.
    Raises: NotFound (also when it is not shared with the caller's organisation); ChangedSince;
        what the action refuses.
    """
    by = saving.author(unit)
    seen = await unit.store.tickets.read(ticket_id, by.organisation)
    if seen is None:
        raise NotFound("ticket", ticket_id)
    facts = seen[1]
    if facts is None:
        tickets = TicketWork((await unit.store.tickets.hold([ticket_id])).values())
        before, after = _act(tickets, ticket_id, action, by, versions)
        await saving.save(unit, [tickets])
        await saving.tell(unit, [tickets])
    else:
        held = await unit.store.fault_keys.hold([facts.key])
        works = await working.load(unit.store, held, also={facts.key: ticket_id})
        work = works[facts.key]
        timers.fire_due(work, by.at, unit.rules)
        before, after = _act(work.tickets, ticket_id, action, by, versions)
        work.follow(before, after)
        await working.save(unit, [work])
        facts = work.tickets.facts[ticket_id]
    _audit(unit, verb, before, after, more)
    return after, facts


def _audit(
    unit: Unit, verb: str, before: Ticket, after: Ticket, more: Mapping[str, object]
) -> None:
    was, became = difference(saving.audited(before), saving.audited(after))
    if after.assignee != before.assignee:
        became["changed"] = ["assignee"]
    unit.audit(f"ticket.{verb}", "ticket", after.id, before=was, after={**became, **more})


def _act(
    tickets: TicketWork, ticket_id: str, action: Action, by: By, versions: AbstractSet[int] | None
) -> tuple[Ticket, Ticket]:
    before = tickets.get(ticket_id)
    if before is None:
        raise NotFound("ticket", ticket_id)
    if versions is not None and before.version not in versions:
        raise ChangedSince("ticket", ticket_id, before.version)
    action(tickets, before, by)
    return before, tickets.changed[ticket_id]
