"""What partners' people and programs read of tickets; each reading leaves a row in the audit."""

from fastapi import Request

from services.support.domain.partners.organisation import Partner
from services.support.edges.api.partners.shared import SharedDetail, SharedEntry, SharedTicket
from services.support.errors import TicketNotFound
from services.support.handlers.ports import Place, Seen, Store
from shared.audited import entry
from shared.db import audit
from shared.web import pages
from shared.web.pages import Page
from shared.web.who import Who

HISTORY_SHOWN = 200


async def listed(
    request: Request,
    who: Who,
    organisation: str,
    where: dict[str, str],
    place: Place | None,
    limit: int,
) -> Page[SharedTicket]:
    """A page of the tickets shared with it."""
    async with request.app.state.engine.begin() as connection:
        store: Store = request.app.state.store(connection)
        found = await store.tickets.newest(where, place, limit + 1, organisation)
        viewer = await partner(store, organisation)
        page = pages.page(
            found,
            limit,
            lambda seen: SharedTicket.of(seen, viewer),
            lambda seen: (seen[0].opened_at, seen[0].id),
        )
        if page.items:
            shown = {"tickets": [ticket.id for ticket in page.items]}
            line = entry(who, "ticket.list", "organisation", organisation, after=shown)
            await audit.record(connection, [line])
    return page


async def read(request: Request, who: Who, organisation: str, ticket_id: str) -> SharedDetail:
    """One ticket with the newest lines that it may see."""
    async with request.app.state.engine.begin() as connection:
        store: Store = request.app.state.store(connection)
        seen = await _read(store, organisation, ticket_id)
        lines = await store.history.newest(ticket_id, None, HISTORY_SHOWN, organisation)
        viewer = await partner(store, organisation)
        await audit.record(connection, [entry(who, "ticket.read", "ticket", ticket_id)])
    return SharedDetail.of(seen, viewer).with_history(lines, viewer)


async def history(
    request: Request,
    who: Who,
    organisation: str,
    ticket_id: str,
    place: Place | None,
    limit: int,
) -> Page[SharedEntry]:
    """A page of the lines that it may see."""
    async with request.app.state.engine.begin() as connection:
        store: Store = request.app.state.store(connection)
        await _read(store, organisation, ticket_id)
        found = await store.history.newest(ticket_id, place, limit + 1, organisation)
        await audit.record(connection, [entry(who, "ticket.read", "ticket", ticket_id)])
    return pages.page(
        found, limit, lambda one: SharedEntry.of(one, organisation), lambda one: (one.at, one.id)
    )


async def shown(store: Store, who: Who, ticket_id: str) -> SharedTicket:
    """One ticket as it is now. Raises TicketNotFound."""
    organisation = who.organisation or ""
    seen = await _read(store, organisation, ticket_id)
    return SharedTicket.of(seen, await partner(store, organisation))


async def partner(store: Store, organisation: str) -> Partner:
    """The one who looks on, with what its names for customers are made of."""
    return Partner(organisation, await store.secrets.references())


async def _read(store: Store, organisation: str, ticket_id: str) -> Seen:
    seen = await store.tickets.read(ticket_id, organisation)
    if seen is None:
        raise TicketNotFound(ticket_id)
    return seen
