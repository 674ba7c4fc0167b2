"""What partners' people and programs are shown of tickets."""

from services.support.domain.tickets.queue import Wanted
from services.support.edges.api.partners.shared import SharedDetail, SharedEntry, SharedTicket
from services.support.edges.api.units import Read, Unit
from services.support.handlers.partners import read_tickets
from services.support.handlers.ports import Cursor, Seen
from shared.web import pages
from shared.web.pages import Page


async def listed(
    read: Read, wanted: Wanted, cursor: Cursor | None, limit: int
) -> Page[SharedTicket]:
    """A page of the tickets shared with it."""
    async with read.audited() as unit:
        seen = await read_tickets.list_tickets(unit, wanted, cursor, limit)
        viewer = await read_tickets.viewer(unit)
    return pages.page(
        seen,
        limit,
        lambda seen_ticket: SharedTicket.of(seen_ticket, viewer),
        lambda seen_ticket: (seen_ticket[0].opened_at, seen_ticket[0].id),
    )


async def found(read: Read, text: str, limit: int) -> list[SharedTicket]:
    """Those that a text leads to."""
    async with read.audited() as unit:
        seen = await read_tickets.find_tickets(unit, text, limit)
        viewer = await read_tickets.viewer(unit)
    return [SharedTicket.of(seen_ticket, viewer) for seen_ticket in seen]


async def detail(read: Read, ticket_id: str) -> SharedDetail:
    """One ticket with the newest lines that it may see."""
    async with read.audited() as unit:
        seen, lines = await read_tickets.read_ticket(unit, ticket_id)
        viewer = await read_tickets.viewer(unit)
    return SharedDetail.of(seen, viewer).with_history(lines, viewer)


async def history(
    read: Read, ticket_id: str, cursor: Cursor | None, limit: int
) -> Page[SharedEntry]:
    """A page of the lines that it may see."""
    async with read.audited() as unit:
        lines = await read_tickets.read_history(unit, ticket_id, cursor, limit + 1)
        organisation = (await read_tickets.viewer(unit)).organisation
    return pages.page(
        lines,
        limit,
        lambda line: SharedEntry.of(line, organisation),
        lambda line: (line.at, line.id),
    )


async def now(unit: Unit, ticket_id: str) -> SharedTicket:
    """One ticket as it is now: nothing, if the ticket is not shared any more."""
    return await shown(unit, await read_tickets.read(unit, ticket_id))


async def shown(unit: Unit, seen: Seen) -> SharedTicket:
    """A ticket as the caller is shown it."""
    return SharedTicket.of(seen, await read_tickets.viewer(unit))
