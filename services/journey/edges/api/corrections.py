"""/v1/customers/{id}/purchases/{purchase} and /terms/{term}: what was told wrongly."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.journey.domain.customers.customer import Purchase
from services.journey.edges.api.customers import near
from services.journey.edges.api.models import Correction, PurchaseOut, Withdrawal, Withdrawn
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.customers import read_customers
from services.journey.handlers.customers.correct_customers import (
    Unchanged,
    correct_purchase,
    withdraw_term,
)
from shared import ids
from shared.web import etags
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer as Id

PurchaseId = Annotated[str, Path(alias="purchase", pattern=r"^[0-9a-f-]{1,64}$")]
TermId = Annotated[str, Path(alias="term", pattern=r"^[0-9a-f-]{1,64}$")]

router = APIRouter(prefix="/v1/customers", tags=["customers"])


@router.post("/{id}/terms/{term}/withdraw", response_model=Withdrawn)
async def withdraw(once: ChangeOnce, id_: Id, term: TermId, wish: Withdrawal) -> Response:
    """What billing said of the subscription never was, or what is planned will not be."""

    async def work(unit: Unit) -> Withdrawn:
        gone = await withdraw_term(unit, id_, term, wish.reason)
        return Withdrawn(id=term, kind="renewal" if gone.renewal else "subscription")

    return await once(200, work)


@router.get("/{id}/purchases/{purchase}")
async def read_purchase(
    read: Read, response: Response, id_: Id, purchase: PurchaseId
) -> PurchaseOut:
    """One purchase, with the ETag a correction of it names."""
    async with read() as store:
        bought = await read_customers.read_purchase(store, id_, purchase)
    response.headers["ETag"] = _etag(purchase, bought)
    return _shown(purchase, bought)


@router.put("/{id}/purchases/{purchase}")
async def put_purchase(
    change: Change,
    response: Response,
    id_: Id,
    purchase: PurchaseId,
    wish: Correction,
    if_match: IfMatch = None,
) -> PurchaseOut:
    """What a purchase was in truth; facts and stages become those it leads to."""
    truth = Purchase(wish.product, wish.at, wish.price)
    async with change(f"http:correction#{ids.random_id()}") as unit:
        near("body.at", wish.at, unit.now)
        await correct_purchase(unit, id_, purchase, truth, wish.reason, _unchanged(if_match))
    response.headers["ETag"] = _etag(purchase, truth)
    return _shown(purchase, truth)


@router.post("/{id}/purchases/{purchase}/withdraw", response_model=Withdrawn)
async def withdraw_purchase(
    once: ChangeOnce, id_: Id, purchase: PurchaseId, wish: Withdrawal, if_match: IfMatch = None
) -> Response:
    """A purchase never was, or will not be; facts and stages become those of what remains."""

    async def work(unit: Unit) -> Withdrawn:
        await correct_purchase(unit, id_, purchase, None, wish.reason, _unchanged(if_match))
        return Withdrawn(id=purchase, kind="purchase")

    return await once(200, work)


def _shown(id_: str, purchase: Purchase) -> PurchaseOut:
    return PurchaseOut(id=id_, product=purchase.product, at=purchase.at, price=purchase.price)


def _etag(id_: str, purchase: Purchase) -> str:
    return etags.of_text(_shown(id_, purchase).model_dump_json())


def _unchanged(if_match: str | None) -> Unchanged:
    def check(id_: str, present: Purchase) -> None:
        etags.check(if_match, _etag(id_, present))

    return check
