"""Contact data in clear: a separate act, with a reason, for a quarter of an hour."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.support.edges.api.tickets.views import NO_NUL, TicketId
from services.support.edges.api.units import ChangeOnce, OfJourney, Read, Unit
from services.support.edges.contacts import Contact
from services.support.errors import ContactUnknown
from services.support.handlers.customers import reveal as reveals
from shared.errors import TryLater
from shared.web.bodies import Body
from shared.web.guards.fresh import SECOND_FACTOR
from shared.web.times import Time

router = APIRouter(prefix="/v1/tickets", tags=["contact"])

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


class Reason(Body):
    """Why contact data is needed; the words are kept in the ticket's history, nowhere else."""

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


@router.post(
    "/{ticket_id}/reveal", status_code=201, response_model=Revealed, dependencies=[SECOND_FACTOR]
)
async def reveal(once: ChangeOnce, ticket_id: TicketId, wish: Reason) -> Response:
    """Be permitted to read the contact of this ticket's customer, for 15 minutes.

    20 at once, then one every three minutes. Asks for a second factor given a moment ago.
    """

    async def work(unit: Unit) -> Revealed:
        until = await reveals.reveal(unit, ticket_id, wish.purpose, wish.reason)
        return Revealed(ticket=ticket_id, until=until)

    async def again(unit: Unit) -> Revealed:
        """What is so now: nothing, if the ticket is out of sight or the time is over."""
        _, until = await reveals.permitted(unit, ticket_id)
        return Revealed(ticket=ticket_id, until=until)

    return await once(201, work, again=again)


@router.get("/{ticket_id}/contact")
async def read_contact(
    response: Response, read: Read, contacts: OfJourney, ticket_id: TicketId
) -> Contact:
    """Name, mail address and phone number in clear, within 15 minutes of a reveal."""
    async with read.audited() as unit:
        customer, _ = await reveals.permitted(unit, ticket_id)
    if contacts is None:
        raise TryLater("SUPPORT_JOURNEY_URL, _CONSOLE_URL and _CLIENT_KEY_FILE are not set")
    contact = await contacts.of(customer)
    if contact is None:
        raise ContactUnknown
    async with read.audited() as unit:
        reveals.note_reading(unit, ticket_id)
    response.headers["Cache-Control"] = "no-store"
    return contact
