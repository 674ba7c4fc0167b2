"""/v1/customers, /v1/renewals, /v1/stages."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from services.journey.domain.ahead import EXPECTED, is_too_far
from services.journey.domain.customer import NewCustomer, Profile, Purchase, Renewal
from services.journey.domain.days import seconds
from services.journey.domain.journey_map import JourneyMap
from services.journey.edges.api import audited, show
from services.journey.edges.api.models import (
    ContactOut,
    CustomerIn,
    CustomerItem,
    CustomerOut,
    LeftOut,
    PurchaseIn,
    PurchaseOut,
    Renewals,
    Renewed,
    StageOut,
    SubscriptionChange,
    SubscriptionOut,
)
from services.journey.edges.desk import desk
from services.journey.errors import CustomerErased, CustomerExists
from services.journey.handlers.change_customers import add_purchase, renew, set_subscription
from services.journey.handlers.create_customers import SERVICE, create_customers
from services.journey.store.readers import CustomerReader
from shared import ids
from shared.audited import entry
from shared.clock import Clock
from shared.db import audit
from shared.events.customer_changed import Subscription
from shared.stream.transaction import transaction
from shared.web import etags
from shared.web.auth import Caller, Seen
from shared.web.etags import IfMatch
from shared.web.idempotency import Idempotent
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.problems import Problem

NO_STAGE = "none"  # the word for customers without a stage, in lists


def router(engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> APIRouter:
    """The routes of customers."""
    made = APIRouter(prefix="/v1", tags=["customers"])
    _reads(made, engine, clock, journey)
    _creates(made, engine, clock, journey)
    _changes(made, engine, clock, journey)
    _renews(made, engine, clock, journey)
    return made


def _reads(made: APIRouter, engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> None:
    stages = [stage.name for stage in journey.stages]

    @made.get("/customers")
    async def list_customers(
        stage: Annotated[str | None, Query(description=f"One of {stages}, or none.")] = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[CustomerItem]:
        """Customers by id, of one stage or of all; without personal data."""
        if stage is not None and stage not in {*stages, NO_STAGE}:
            expected = ", ".join([*stages, NO_STAGE])
            raise Problem(422, "unknown_stage", "No such stage", f"query.stage: one of {expected}")
        begin = by_id(after)
        async with engine.connect() as connection:
            rows = await CustomerReader(connection).listed(stage, begin, limit + 1)
        return page(rows, limit, show.item, lambda row: (row.id,))

    @made.get("/customers/{id}")
    async def read_customer(id_: Id, who: Caller, sees: Seen) -> CustomerOut:
        """One customer: profile, stage, facts as of now, history with the cause of each entry.

        An answer with a profile is audited.
        """
        async with engine.begin() as connection:
            found = await show.whole(connection, id_, seconds(clock.now()))
            shown = found if sees == "all" else show.masked(found)
            if shown.profile is not None:
                await audit.record(connection, [audited.read(who, id_)])
        return shown

    @made.get("/customers/{id}/contact")
    async def read_contact(id_: Id, who: Caller) -> ContactOut:
        """How to reach a customer: personal data, 404 `no_contact` where there is none; audited."""
        async with engine.begin() as connection:
            found = await show.contact(connection, id_)
            read = entry(who, "contact.read", audited.KIND, id_)
            await audit.record(connection, [read])
        return found

    @made.get("/customers/{id}/subscription")
    async def read_subscription(response: Response, id_: Id) -> SubscriptionOut:
        """The present subscription, with the ETag a change of it names; 404 where there is none."""
        async with engine.connect() as connection:
            found = await show.present(connection, id_, seconds(clock.now()))
        if found is None:
            raise Problem(404, "no_subscription", "This customer has no subscription")
        response.headers["ETag"] = str(show.etag(found))
        return show.subscription(found)

    @made.get("/stages")
    async def list_stages() -> list[StageOut]:
        """How many customers are in each stage, in the order of the journey map."""
        async with engine.connect() as connection:
            counted = await CustomerReader(connection).stages()
        shown = [
            StageOut(stage=one.name, says=one.says, customers=counted.pop(one.name, 0))
            for one in journey.stages
        ]
        without = counted.pop(None, 0)
        says = {
            **dict.fromkeys(counted, "Not in the journey map any more."),
            NO_STAGE: "No stage yet.",
        }
        rest = {**counted, NO_STAGE: without}
        shown += [
            StageOut(stage=str(name), says=says[name], customers=count)
            for name, count in rest.items()
            if count
        ]
        return shown


def _creates(made: APIRouter, engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> None:
    @made.post("/customers", status_code=201, response_model=CustomerOut)
    async def create_customer(new: CustomerIn, once: Idempotent, who: Caller) -> Response:
        """Create a customer; events heard of this id before count from the start."""
        id_ = new.id or ids.derived(SERVICE, once.cause, "customer")

        async def work() -> CustomerOut:
            _not_too_far(new, tx.now)
            one = _new(new, id_, once.cause)
            left = await create_customers(desk(tx, journey), [one])
            if left.erased:
                raise CustomerErased(id_)
            if left.known:
                raise CustomerExists(id_)
            tx.audit(audited.created(who, one))
            return await shown()

        async def shown() -> CustomerOut:
            return await show.whole(tx.connection, id_, seconds(clock.now()))

        async def again() -> CustomerOut:
            tx.audit(audited.read(who, id_))
            return await shown()

        async with transaction(engine, SERVICE, clock.now()) as tx:
            return await once.run(tx.connection, 201, work, again=again)

    @made.post("/customers/{id}/purchases", status_code=201, response_model=PurchaseOut)
    async def create_purchase(
        id_: Id, bought: PurchaseIn, once: Idempotent, who: Caller
    ) -> Response:
        """A customer bought something, or ordered it for later: until then it is planned."""

        async def work() -> PurchaseOut:
            near("body.at", bought.at, tx.now)
            one = Purchase(bought.product, bought.at, bought.price)
            made_id = await add_purchase(desk(tx, journey), id_, one, once.cause)
            tx.audit(audited.bought(who, id_, made_id, one))
            return PurchaseOut(id=made_id, **bought.model_dump())

        async with transaction(engine, SERVICE, clock.now()) as tx:
            return await once.run(tx.connection, 201, work)


def _changes(made: APIRouter, engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> None:
    @made.put("/customers/{id}/subscription")
    async def put_subscription(
        response: Response,
        id_: Id,
        given: SubscriptionChange,
        who: Caller,
        if_match: IfMatch = None,
    ) -> CustomerOut:
        """The customer's subscription as it is now, or from `at` on; the newest `at` holds."""

        def unchanged(present: Subscription | None) -> None:
            etags.check(if_match, show.etag(present))

        async with transaction(engine, SERVICE, clock.now()) as tx:
            near("body.started_at", given.started_at, tx.now)
            near("body.at", given.at, tx.now)
            cause = f"http:subscription#{ids.random_id()}"
            after = given.made()
            done = await set_subscription(desk(tx, journey), id_, after, given.at, cause, unchanged)
            if done.changed:
                tx.audit(audited.subscribed(who, "subscription", id_, done.before, after, given.at))
            else:
                tx.audit(audited.read(who, id_))  # the answer shows the profile
            now = seconds(tx.now)
            tag = show.etag(await show.present(tx.connection, id_, now))
            if tag is not None:
                response.headers["ETag"] = tag
            return await show.whole(tx.connection, id_, now)


def _renews(made: APIRouter, engine: AsyncEngine, clock: Clock, journey: JourneyMap) -> None:
    @made.post("/renewals", response_model=Renewed)
    async def create_renewals(given: Renewals, once: Idempotent, who: Caller) -> Response:
        """Subscriptions were renewed: a whole billing run in one transaction."""
        customers = [one.customer for one in given.renewals]
        if len(set(customers)) < len(customers):
            raise Problem(422, "repeated", "A customer is named twice", "body.renewals.customer")

        async def work() -> Renewed:
            for n, one in enumerate(given.renewals):
                near(f"body.renewals.{n}.at", one.at, tx.now)
            renewals = [Renewal(one.customer, one.at, one.renews_at) for one in given.renewals]
            run = await renew(desk(tx, journey), renewals, once.cause)
            when = {one.customer: one.at for one in renewals}
            for id_, (before, after) in run.renewed.items():
                tx.audit(audited.subscribed(who, "renew", id_, before, after, when[id_]))
            return Renewed(
                renewed=len(run.renewed),
                left_out=[LeftOut(customer=id_, why=why) for id_, why in run.left.items()],
            )

        async with transaction(engine, SERVICE, clock.now()) as tx:
            return await once.run(tx.connection, 200, work)


def near(field: str, at: datetime | None, now: datetime) -> None:
    """Go on if `at` is of the past, or so near that it can be planned. Raises Problem 422."""
    if at is not None and is_too_far(at, now):
        raise Problem(422, "too_far_ahead", "Nothing is known so early", f"{field}: {EXPECTED}")


def _not_too_far(given: CustomerIn, now: datetime) -> None:
    for n, one in enumerate(given.purchases):
        near(f"body.purchases.{n}.at", one.at, now)
    if given.subscription is not None:
        near("body.subscription.started_at", given.subscription.started_at, now)


def _new(given: CustomerIn, id_: str, cause: str) -> NewCustomer:
    profile = given.profile
    return NewCustomer(
        id=id_,
        profile=Profile(**profile.model_dump()),
        cause=cause,
        kind=given.kind,
        zone=given.zone,
        region=given.region,
        subscription=None if given.subscription is None else given.subscription.made(),
        purchases=[Purchase(one.product, one.at, one.price) for one in given.purchases],
    )
