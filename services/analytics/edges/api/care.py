"""`/v1/risks/{customer}/contacts` and `/snooze`: what people do about a risk."""

from datetime import date as Date  # noqa: N812  fields are called so
from typing import Annotated, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from services.analytics.domain.risks.care import Contact, Outcome, Snooze
from services.analytics.edges.api.units import Change, ChangeOnce, Read, Unit
from services.analytics.handlers.risks import care
from shared.web.bodies import Body
from shared.web.pages import Limit
from shared.web.times import Time

router = APIRouter(prefix="/v1/risks", tags=["risks"])

NO_NUL = r"^[^\x00]*$"
Id = Annotated[str, Path(max_length=200, pattern=NO_NUL)]
Note = Annotated[str, Field(max_length=2_000, pattern=NO_NUL)]


class Wish(Body):
    """What somebody asks for; who it is, the token says."""


class ContactIn(Wish):
    """Somebody has contacted the customer."""

    outcome: Outcome
    note: Note = ""


class SnoozeIn(Wish):
    """The customer is to be left out of the list for a while."""

    until: Date = Field(description="The day they are in it again; within 180 days.")
    reason: Note = Field(min_length=1)


class ContactView(BaseModel):
    """A contact with a customer."""

    id: str
    customer: str
    at: Time
    who: str = Field(description="`account:<id>`.")
    outcome: Outcome
    note: str

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """Show it."""
        return cls(
            id=contact.id,
            customer=contact.customer,
            at=contact.at,
            who=contact.who,
            outcome=contact.outcome,
            note=contact.note,
        )


class SnoozeView(BaseModel):
    """Until when a customer is left out of the list."""

    customer: str
    until: Date
    at: Time
    who: str = Field(description="`account:<id>`.")
    reason: str
    holds: bool = Field(description="false: it is over, or the customer has got worse by a tier.")

    @classmethod
    def of(cls, snooze: Snooze, *, in_force: bool) -> Self:
        """Show it."""
        return cls(
            customer=snooze.customer,
            until=snooze.until,
            at=snooze.at,
            who=snooze.who,
            reason=snooze.reason,
            holds=in_force,
        )


@router.get("/{customer}/contacts")
async def list_contacts(read: Read, customer: Id, limit: Limit = 50) -> list[ContactView]:
    """The newest contacts with a customer, the newest first."""
    async with read() as store:
        return [ContactView(**row) for row in await care.contacts_of(store, customer, limit)]


@router.post("/{customer}/contacts", status_code=201, response_model=ContactView)
async def mark_as_contacted(once: ChangeOnce, customer: Id, wish: ContactIn) -> Response:
    """Keep that the caller has contacted the customer, and what came of it."""

    async def work(unit: Unit) -> ContactView:
        return ContactView.of(await care.contacted(unit, customer, wish.outcome, wish.note))

    async def again(unit: Unit) -> ContactView:
        return ContactView.of(await care.contact_of(unit, customer))

    return await once(201, work, again=again)


@router.get("/{customer}/snooze")
async def read_snooze(read: Read, customer: Id) -> SnoozeView:
    """Until when, and why, a customer is left out of the list. 404 `snooze_not_found`."""
    async with read() as store:
        snooze, in_force = await care.snooze_of(store, customer, read.now())
    return SnoozeView.of(snooze, in_force=in_force)


@router.post("/{customer}/snooze", status_code=201, response_model=SnoozeView)
async def snooze(once: ChangeOnce, customer: Id, wish: SnoozeIn) -> Response:
    """Leave the customer out of the list until a day; they are back when a tier gets worse."""

    async def work(unit: Unit) -> SnoozeView:
        return SnoozeView.of(
            await care.snoozed(unit, customer, wish.until, wish.reason), in_force=True
        )

    async def again(unit: Unit) -> SnoozeView:
        kept_snooze, in_force = await care.snooze_now(unit, customer)
        return SnoozeView.of(kept_snooze, in_force=in_force)

    return await once(201, work, again=again)


@router.delete("/{customer}/snooze", status_code=204)
async def wake(change: Change, customer: Id) -> None:
    """Put the customer into the list again at once."""
    async with change() as unit:
        await care.woken(unit, customer)
