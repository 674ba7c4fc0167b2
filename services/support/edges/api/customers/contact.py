"""Contact data in clear: a separate act, with a reason, for a quarter of an hour."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.support.domain.tickets.history import SERVICE, Entry
from services.support.edges.api.tickets.tickets import TicketId
from services.support.edges.api.tickets.views import NO_NUL
from services.support.edges.contacts import Contact, Contacts
from services.support.errors import ContactHidden, ContactUnknown, TicketNotFound
from services.support.handlers.ports import Seen
from services.support.store.customers.reveals import COUNTED
from services.support.store.store import Store
from shared import ids
from shared.audited import entry
from shared.clock import wall_now
from shared.db import audit
from shared.errors import TryLater
from shared.stream.transaction import transaction
from shared.web import fresh
from shared.web.auth import Caller
from shared.web.idempotency import Idempotent
from shared.web.problems import Problem
from shared.web.times import Time
from shared.web.who import Who

router = APIRouter(prefix="/v1/tickets", tags=["contact"])

LASTS = timedelta(minutes=15)


AN_HOUR = 20  # permissions of one person or program within an hour
SHORTEST = 8  # characters of a reason
LETTERS = 4  # different ones in it: "xxxxxxxx" is no reason


def _reason(text: str) -> str:
    """A reason that says something."""
    if (
        len(text) < SHORTEST
        or len({letter for letter in text.lower() if letter.isalpha()}) < LETTERS
    ):
        raise ValueError(f"a reason in words, {SHORTEST} characters or more")
    return text


class Reason(BaseModel):
    """Why contact data is needed; the words are kept in the ticket's history, nowhere else."""

    model_config = ConfigDict(extra="forbid")

    purpose: Literal["call_back", "appointment", "delivery", "identity", "complaint", "other"] = (
        Field("other", description="What it is for; kept in the audit.")
    )
    reason: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=10_000, pattern=NO_NUL),
        AfterValidator(_reason),
    ] = Field(description="In words, 8 characters or more.")


class Revealed(BaseModel):
    """A permission."""

    ticket: str
    until: Time


@router.post("/{ticket_id}/reveal", status_code=201, response_model=Revealed)
async def reveal(
    request: Request, once: Idempotent, who: Caller, ticket_id: TicketId, wish: Reason
) -> Response:
    """Be permitted to read the contact of this ticket's customer, for 15 minutes; 20 an hour.

    Asks for a second factor given a moment ago.
    """
    fresh.check(who, wall_now())  # counted by the hour below, in the database
    state = request.app.state
    now = state.clock.now()
    async with transaction(state.engine, SERVICE, now) as tx:
        store = Store(tx.connection)

        async def work() -> Revealed:
            ticket = await store.tickets.read(ticket_id, who.organisation)
            _customer(ticket_id, ticket)
            await store.reveals.forget(now)
            _permit(await store.reveals.count(who.subject, now))
            await store.reveals.grant(who.subject, ticket_id, now + LASTS)
            line = _line(ticket_id, who, wish, now, once.cause)
            await store.history.add([line])
            told = {"until": now + LASTS, "purpose": wish.purpose}
            why = f"ticket history {line.id}"  # what people write stands there only
            tx.audit(entry(who, "contact.reveal", "ticket", ticket_id, after=told, why=why))
            return Revealed(ticket=ticket_id, until=now + LASTS)

        async def again() -> Revealed:
            """What is so now: nothing, if the ticket is out of sight or the time is over."""
            _customer(ticket_id, await store.tickets.read(ticket_id, who.organisation))
            until = await store.reveals.until(who.subject, ticket_id, now)
            if until is None:
                raise ContactHidden
            return Revealed(ticket=ticket_id, until=until)

        return await once.run(tx.connection, 201, work, again=again)


@router.get("/{ticket_id}/contact")
async def read_contact(
    request: Request, response: Response, who: Caller, ticket_id: TicketId
) -> Contact:
    """Name, mail address and phone number in clear, within 15 minutes of a reveal."""
    state = request.app.state
    async with state.engine.connect() as connection:
        store = Store(connection)
        ticket = await store.tickets.read(ticket_id, who.organisation)
        customer = _customer(ticket_id, ticket)
        until = await store.reveals.until(who.subject, ticket_id, state.clock.now())
    if until is None:
        raise ContactHidden
    contacts: Contacts | None = state.contacts
    if contacts is None:
        raise TryLater("SUPPORT_JOURNEY_URL, _CONSOLE_URL and _CLIENT_KEY_FILE are not set")
    found = await contacts.of(customer)
    if found is None:
        raise ContactUnknown
    async with state.engine.begin() as connection:
        await audit.record(connection, [entry(who, "contact.read", "ticket", ticket_id)])
    response.headers["Cache-Control"] = "no-store"
    return found


def _permit(count: int) -> None:
    """Raises Problem 429: too many in an hour, for a person who answers customers one by one."""
    if count > AN_HOUR:
        raise Problem(
            429,
            "too_many_reveals",
            f"Contact data is shown {AN_HOUR} times an hour",
            "Nothing was done. Wait as long as Retry-After says.",
            headers={"Retry-After": str(int(COUNTED.total_seconds()))},
        )


def _line(ticket_id: str, who: Who, wish: Reason, at: datetime, cause: str) -> Entry:
    """The line of history: contact data were shown to somebody, and why."""
    mark = {} if who.organisation is None else {"organisation": who.organisation}
    id_ = ids.derived(SERVICE, cause, "history:revealed")
    told = {"purpose": wish.purpose, "reason": wish.reason}
    return Entry(id_, ticket_id, at, who.subject, "revealed", {**mark, **told})


def _customer(ticket_id: str, seen: Seen | None) -> str:
    """The customer of a ticket that the caller may see. Raises TicketNotFound, ContactUnknown."""
    if seen is None:
        raise TicketNotFound(ticket_id)
    ticket, _ = seen
    if ticket.customer is None:
        raise ContactUnknown
    return ticket.customer
