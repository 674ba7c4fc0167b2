"""/v1/customers/{id}/erasure and /v1/erasures: forget a customer everywhere, and see who has."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.edges.api.corrections import names_nobody
from services.journey.edges.api.models import Request, Text
from services.journey.edges.consumer import erase
from services.journey.errors import CustomerNotFound
from services.journey.handlers.create_customers import SERVICE
from services.journey.handlers.erasures import SERVICES, Erasure, Waiting, tell, tell_again
from services.journey.store.erasures import Erasures
from services.journey.store.readers import CustomerReader
from shared.audited import entry
from shared.clock import Clock
from shared.stream import erasure
from shared.stream.transaction import Transaction, transaction
from shared.web.auth import Caller
from shared.web.fresh import Stepped
from shared.web.idempotency import Idempotent
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.problems import Problem
from shared.web.times import Time

Others = Literal["analytics", "ingest", "support"]


class ErasureIn(Request):
    """Why somebody is erased."""

    reason: Annotated[Text, Field(min_length=3, max_length=200)] = Field(
        description="A case number or a word. It is kept for good: it must not say who is meant.",
        examples=["request 2026-117"],
    )


class ServiceOut(BaseModel):
    """How far one service is."""

    service: str
    done_at: Time | None = Field(description="null: not yet.")
    waiting_since: Time | None = Field(description="null: it has answered.")


class ErasureOut(BaseModel):
    """An erasure as it stands."""

    customer: str
    state: Literal["running", "done"]
    done: int = Field(description="Services that have completed it.")
    total: int
    asked_at: Time
    asked_by: str
    reason: str
    told: int = Field(description="How often the other services were told.")
    completed_at: Time | None
    services: list[ServiceOut]

    @classmethod
    def of(cls, found: Erasure) -> Self:
        """Show it."""
        services = [
            ServiceOut(
                service=name, done_at=at, waiting_since=found.asked_at if at is None else None
            )
            for name, at in sorted(found.services.items())
        ]
        missing = sum(one.done_at is None for one in services)
        return cls(
            customer=found.customer,
            state="running" if missing else "done",
            done=len(services) - missing,
            total=len(services),
            asked_at=found.asked_at,
            asked_by=found.asked_by,
            reason=found.reason,
            told=found.told,
            completed_at=None if missing else found.completed_at,
            services=services,
        )


class TellAgain(Request):
    """Whose database was restored."""

    service: Others


class Told(BaseModel):
    """How many erasures were told."""

    told: int


def router(engine: AsyncEngine, clock: Clock) -> APIRouter:
    """The routes of erasures."""
    made = APIRouter(prefix="/v1", tags=["personal data"])
    _reads(made, engine)

    @made.post("/customers/{id}/erasure", status_code=202, response_model=ErasureOut)
    async def erase_customer(id_: Id, wish: ErasureIn, who: Stepped, once: Idempotent) -> Response:
        """Forget a customer, here at once and in the other services as soon as each hears of it."""
        async with transaction(engine, SERVICE, clock.now(), erasing=True) as tx:

            async def work() -> ErasureOut:
                if await Erasures(tx.connection).read(id_) is None:
                    await _begin(tx, id_, who.subject, wish.reason)
                    tx.audit(entry(who, "customer.erase", "customer", id_, why=wish.reason))
                return await _shown(tx, id_)

            return await once.run(tx.connection, 202, work)

    @made.post("/erasures/tell")
    async def tell_erasures(wish: TellAgain, who: Caller) -> Told:
        """Tell every erasure again, after the database of `service` was restored."""
        told, after = 0, ""
        while True:
            async with transaction(engine, SERVICE, clock.now()) as tx:
                store = Erasures(tx.connection)
                if not after:
                    tx.audit(entry(who, "erasures.tell", "service", wish.service))
                page_ = await tell_again(wish.service, after, tx.now, store, tx.emit)
            if not page_:
                return Told(told=told)
            told, after = told + len(page_), page_[-1].customer

    return made


def _reads(made: APIRouter, engine: AsyncEngine) -> None:
    @made.get("/customers/{id}/erasure")
    async def read_erasure(id_: Id) -> ErasureOut:
        """How far an erasure is: which services have not completed it, and since when."""
        async with engine.connect() as connection:
            found = await Erasures(connection).read(id_)
        if found is None:
            raise Problem(404, "no_erasure", "Nobody has asked to erase this customer")
        return ErasureOut.of(found)

    @made.get("/erasures")
    async def list_erasures(
        open_only: Annotated[
            bool, Query(alias="open", description="Only those that are not complete.")
        ] = False,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[ErasureOut]:
        """Erasures by customer."""
        begin = by_id(after)
        async with engine.connect() as connection:
            found = await Erasures(connection).listed(begin, limit + 1, open_only=open_only)
        return page(found, limit, ErasureOut.of, lambda one: (one.customer,))


async def _begin(tx: Transaction, customer: str, by: str, reason: str) -> None:
    """Ask, forget, tell. Raises CustomerNotFound; Problem 422: the reason says who is meant."""
    store = Erasures(tx.connection)
    if await CustomerReader(tx.connection).find(customer) is None:
        raise CustomerNotFound(customer)
    await names_nobody(tx.connection, customer, reason)
    await store.ask([customer], SERVICES, tx.now, by, reason)
    await erasure.forget(tx, {customer: tx.now}, erase)
    await tell([Waiting(customer, tx.now, 0, complete=False)], tx.now, store, tx.emit)


async def _shown(tx: Transaction, customer: str) -> ErasureOut:
    found = await Erasures(tx.connection).read(customer)
    assert found is not None  # noqa: S101 - it was asked for in this transaction or before
    return ErasureOut.of(found)
