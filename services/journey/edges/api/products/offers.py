"""/v1/customers/{id}/offers/made, /v1/offers/{id}: what was offered to a customer, and their answer."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from services.journey.domain.products.making import Answer, Kind, State, Wanted
from services.journey.edges.api.models import Moment, Price, Text
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.products import settle_offers
from shared.web.bodies import Body, View
from shared.web.identities import KnownCustomer
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.problems import Problem
from shared.web.times import Time

LONGEST = timedelta(days=365)

Id = Annotated[str, Path(alias="id", max_length=64, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1", tags=["products"])


class OfferIn(Body):
    """What is offered; money is in the vendor's currency."""

    kind: Kind = Field(description="promotion; upgrade: takes the place of something they have.")
    product: Text
    discount: Annotated[int, Field(strict=True, ge=1, le=90)] | None = Field(
        None, description="Percent off the list's price."
    )
    price: Price | None = Field(None, description="In place of a discount.")
    valid_until: Moment = Field(description="It can be accepted up to then; a year at most.")


class OfferMadeOut(View):
    """An offer, and what has become of it."""

    id: str
    customer: str
    kind: Kind
    product: str
    name: str = Field(description="Of the product, as it was offered.")
    list_price: float = Field(description="When it was made.")
    price: float = Field(description="What it costs them.")
    made_at: Time
    made_by: str = Field(description="`account:<id>`, or the service: a step of a play.")
    valid_until: Time
    state: State
    settled_at: Time | None
    settled_by: str | None = Field(description="null: they bought it, or its time was over.")
    run: str | None = Field(description="Whose step made it; null: a person did.")
    play: str | None
    step: str | None


class AnswerIn(Body):
    """What the customer has said to it."""

    answer: Answer


@router.post("/customers/{id}/offers", status_code=201, response_model=OfferMadeOut)
async def make_offer(once: ChangeOnce, id_: KnownCustomer, wish: OfferIn) -> Response:
    """Offer a product. 409 `offer_not_made` with what speaks against it, as a play's step is told."""
    if wish.discount is not None and wish.price is not None:
        raise Problem(422, "bad_offer", "Two prices", "body.price: one of discount and price")

    async def work(unit: Unit) -> OfferMadeOut:
        if not unit.now < wish.valid_until <= unit.now + LONGEST:
            detail = "body.valid_until: expected a time from now on, a year ahead at most"
            raise Problem(422, "bad_offer", "Nobody could accept it", detail)
        wanted = Wanted(
            kind=wish.kind, product=wish.product, until=wish.valid_until,
            discount=wish.discount or 0, price=wish.price,
        )  # fmt: skip
        offered = await settle_offers.make(unit, id_, wanted)
        return _shown(await settle_offers.read(unit, offered))

    return await once(201, work)


@router.get("/customers/{id}/offers/made")
async def list_offers_made(
    read: Read, id_: KnownCustomer, limit: Limit = 50, after: After = None
) -> Page[OfferMadeOut]:
    """What was offered to a customer, the newest first."""
    async with read.audited() as unit:
        rows = await settle_offers.listed(unit, id_, by_time(after), limit)
    return page(rows, limit, _shown, lambda row: (row.made_at, row.id))


@router.post("/offers/{id}/answer")
async def answer_offer(change: Change, id_: Id, said: AnswerIn) -> OfferMadeOut:
    """Write down what the customer told us; who buys the product has accepted without it."""
    async with change() as unit:
        await settle_offers.answer(unit, id_, said.answer)
        return _shown(await settle_offers.read(unit, id_))


def _shown(row: Any) -> OfferMadeOut:
    return OfferMadeOut.model_validate(row)
