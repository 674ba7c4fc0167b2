"""/v1/customers/{id}/purchases/{purchase} and /terms/{term}: what was told wrongly."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.journey.domain.customer import Profile, Purchase
from services.journey.domain.erasure import names_person
from services.journey.domain.journey_map import JourneyMap
from services.journey.edges.api import audited
from services.journey.edges.api.customers import near
from services.journey.edges.api.models import Correction, PurchaseOut, Withdrawal, Withdrawn
from services.journey.edges.desk import desk
from services.journey.errors import CustomerNotFound, PurchaseNotFound
from services.journey.handlers.correct_customers import (
    Unchanged,
    correct_purchase,
    withdraw_term,
)
from services.journey.handlers.create_customers import SERVICE
from services.journey.store.holdings import Owned
from services.journey.store.readers import CustomerReader
from shared import ids
from shared.clock import Clock
from shared.stream.transaction import transaction
from shared.web import etags
from shared.web.auth import Caller
from shared.web.etags import IfMatch
from shared.web.idempotency import Idempotent
from shared.web.identities import KnownCustomer as Id
from shared.web.problems import Problem

PurchaseId = Annotated[str, Path(alias="purchase", pattern=r"^[0-9a-f-]{1,64}$")]
TermId = Annotated[str, Path(alias="term", pattern=r"^[0-9a-f-]{1,64}$")]


def router(engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> APIRouter:
    """The routes of corrections."""
    made = APIRouter(prefix="/v1/customers", tags=["customers"])
    _purchases(made, engine, clock, journey)

    @made.post("/{id}/terms/{term}/withdraw", response_model=Withdrawn)
    async def withdraw(
        id_: Id, term: TermId, wish: Withdrawal, once: Idempotent, who: Caller
    ) -> Response:
        """What billing said of the subscription never was, or what is planned will not be."""

        async def work() -> Withdrawn:
            await names_nobody(tx.connection, id_, wish.reason)
            found = await withdraw_term(desk(tx, journey), id_, term, once.cause)
            tx.audit(audited.unsubscribed(who, id_, found, wish.reason))
            return Withdrawn(id=term, kind="renewal" if found.renewal else "subscription")

        async with transaction(engine, SERVICE, clock.now()) as tx:
            return await once.run(tx.connection, 200, work)

    return made


def _purchases(made: APIRouter, engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> None:
    @made.get("/{id}/purchases/{purchase}")
    async def read_purchase(response: Response, id_: Id, purchase: PurchaseId) -> PurchaseOut:
        """One purchase, with the ETag a correction of it names."""
        async with engine.connect() as connection:
            if await CustomerReader(connection).find(id_) is None:
                raise CustomerNotFound(id_)
            found = (await Owned(connection).purchases(id_)).get(purchase)
        if found is None:
            raise PurchaseNotFound(purchase)
        response.headers["ETag"] = _etag(purchase, found)
        return _shown(purchase, found)

    @made.put("/{id}/purchases/{purchase}")
    async def put_purchase(
        response: Response,
        id_: Id,
        purchase: PurchaseId,
        given: Correction,
        who: Caller,
        if_match: IfMatch = None,
    ) -> PurchaseOut:
        """What a purchase was in truth; facts and stages become those it leads to."""
        truth = Purchase(given.product, given.at, given.price)
        async with transaction(engine, SERVICE, clock.now()) as tx:
            near("body.at", given.at, tx.now)
            await names_nobody(tx.connection, id_, given.reason)
            cause = f"http:correction#{ids.random_id()}"
            before = await correct_purchase(
                desk(tx, journey), id_, purchase, truth, cause, _unchanged(if_match)
            )
            if before != truth:
                tx.audit(audited.corrected(who, id_, purchase, before, truth, given.reason))
        response.headers["ETag"] = _etag(purchase, truth)
        return _shown(purchase, truth)

    @made.post("/{id}/purchases/{purchase}/withdraw", response_model=Withdrawn)
    async def withdraw_purchase(
        id_: Id, purchase: PurchaseId, wish: Withdrawal, once: Idempotent, who: Caller,
        if_match: IfMatch = None,
    ) -> Response:  # fmt: skip
        """A purchase never was, or will not be; facts and stages become those of what remains."""

        async def work() -> Withdrawn:
            await names_nobody(tx.connection, id_, wish.reason)
            found = await correct_purchase(
                desk(tx, journey), id_, purchase, None, once.cause, _unchanged(if_match)
            )
            tx.audit(audited.withdrawn(who, id_, purchase, found, wish.reason))
            return Withdrawn(id=purchase, kind="purchase")

        async with transaction(engine, SERVICE, clock.now()) as tx:
            return await once.run(tx.connection, 200, work)


def _shown(id_: str, one: Purchase) -> PurchaseOut:
    return PurchaseOut(id=id_, product=one.product, at=one.at, price=one.price)


def _etag(id_: str, one: Purchase) -> str:
    return etags.of_text(_shown(id_, one).model_dump_json())


def _unchanged(if_match: str | None) -> Unchanged:
    def check(id_: str, present: Purchase) -> None:
        etags.check(if_match, _etag(id_, present))

    return check


async def names_nobody(connection: AsyncConnection, customer: str, reason: str) -> None:
    """Raises Problem 422: the reason says who is meant."""
    row = await CustomerReader(connection).profile(customer)
    known = None if row is None else Profile(row.name, row.email, row.phone, row.address)
    if names_person(reason, known):
        raise Problem(
            422, "reason_names_person", "The reason says who is meant",
            "body.reason: a case number or a word; it is kept for good",
        )  # fmt: skip
