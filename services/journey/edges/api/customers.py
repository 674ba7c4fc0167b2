"""/v1/customers, /v1/renewals."""

from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.journey.domain.customers.ahead import EXPECTED, is_too_far
from services.journey.domain.customers.customer import NewCustomer, Profile, Purchase, Renewal
from services.journey.domain.customers.wanted import Wanted
from services.journey.domain.days import seconds
from services.journey.edges.api import show
from services.journey.edges.api.models import (
    ContactOut,
    CustomerCounts,
    CustomerIn,
    CustomerListed,
    CustomerOut,
    LeftOut,
    PurchaseIn,
    PurchaseOut,
    Renewals,
    Renewed,
    SubscriptionChange,
    SubscriptionOut,
)
from services.journey.edges.api.stages.stages import NO_STAGE
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.customers import create_customers, read_customers
from services.journey.handlers.customers.change_customers import (
    add_purchase,
    renew,
    set_subscription,
)
from shared import ids
from shared.events.customer_changed import Subscription
from shared.web import etags
from shared.web.counted import Counting
from shared.web.etags import IfMatch
from shared.web.guards.auth import Seen
from shared.web.identities import CustomerId
from shared.web.identities import KnownCustomer as Id
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.problems import Problem

Plain = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]

router = APIRouter(prefix="/v1", tags=["customers"])


async def _wanted(
    read: Read,
    sees: Seen,
    stage: Annotated[str | None, Query(description="One of the journey map's, or none.")] = None,
    region: Plain = None,
    plan: Plain = None,
    text: Annotated[
        Plain, Query(description="Beginnings of words of name and address, or the id.")
    ] = None,
    model: Annotated[Plain, Query(description="Of one of their devices.")] = None,
    firmware: Annotated[Plain, Query(description="Of that device, by its last word.")] = None,
    id_: Annotated[list[CustomerId], Query(alias="id", max_length=200)] = [],  # noqa: B006
    csm: Annotated[Plain, Query(description="`account:<id>`, or none.")] = None,
) -> Wanted:
    stages = [known_stage.name for known_stage in read.rules.journey.stages]
    if stage is not None and stage not in {*stages, NO_STAGE}:
        expected = ", ".join([*stages, NO_STAGE])
        raise Problem(422, "unknown_stage", "No such stage", f"query.stage: one of {expected}")
    if text is not None and sees != "all":
        raise Problem(403, "not_permitted", "Your roles do not see names", "Leave out query.text.")
    return Wanted(stage, region, plan, tuple(id_), text, model, firmware, csm)


Asked = Annotated[Wanted, Depends(_wanted)]


@router.get("/customers")
async def list_customers(
    read: Read, sees: Seen, wanted: Asked, limit: Limit = 50, after: After = None
) -> Page[CustomerListed]:
    """Customers by id, as the filters ask.

    Who sees contact data sees names and finds by them; a page with names is audited.
    """
    named = sees == "all"
    async with read.audited() as unit:
        rows = await read_customers.listed(unit, wanted, by_id(after), limit, names=named)
    return page(rows, limit, partial(show.listed, named=named), lambda row: (row.id,))


@router.get("/customer-counts")
async def count_customers(read: Read, wanted: Asked, counting: Counting) -> CustomerCounts:
    """How many customers the same filters find; of very many, as of a moment ago."""

    async def count() -> tuple[int, int]:
        async with read() as store:
            return await store.reader.count(wanted), await store.reader.all()

    customers, _ = await counting.get(("customers", wanted), count, itemgetter(0), itemgetter(1))
    return CustomerCounts(customers=customers)


@router.get("/customers/{id}")
async def read_customer(read: Read, id_: Id, sees: Seen) -> CustomerOut:
    """One customer: profile, stage, facts as of now, history with the cause of each entry.

    An answer with a profile is audited.
    """
    whole = sees == "all"
    async with read.audited() as unit:
        known = await read_customers.read_customer(unit, id_, profile=whole)
    return show.whole(known) if whole else show.masked(show.whole(known))


@router.get("/customers/{id}/contact")
async def read_contact(read: Read, id_: Id) -> ContactOut:
    """How to reach a customer: personal data, 404 `no_contact` where there is none; audited."""
    async with read.audited() as unit:
        contact = await read_customers.read_contact(unit, id_)
    if contact is None:
        raise Problem(404, "no_contact", "No contact data of this customer")
    return ContactOut.model_validate(contact, from_attributes=True)


@router.get("/customers/{id}/subscription")
async def read_subscription(read: Read, response: Response, id_: Id) -> SubscriptionOut:
    """The present subscription, with the ETag a change of it names; 404 where there is none."""
    async with read() as store:
        present = await read_customers.present(store, id_, seconds(read.now()))
    if present is None:
        raise Problem(404, "no_subscription", "This customer has no subscription")
    response.headers["ETag"] = str(show.etag(present))
    return show.subscription(present)


@router.post("/customers", status_code=201, response_model=CustomerOut)
async def create_customer(once: ChangeOnce, new: CustomerIn) -> Response:
    """Create a customer; events heard of this id before count from the start."""

    async def work(unit: Unit) -> CustomerOut:
        _not_too_far(new, unit.now)
        id_ = _id(new, unit)
        await create_customers.create_customer(unit, _new(new, id_, unit.cause))
        # the answer to whoever created it is no reading
        return show.whole(await read_customers.read_customer(unit, id_, profile=False))

    async def again(unit: Unit) -> CustomerOut:
        return show.whole(await read_customers.read_customer(unit, _id(new, unit)))

    return await once(201, work, again=again)


@router.post("/customers/{id}/purchases", status_code=201, response_model=PurchaseOut)
async def create_purchase(once: ChangeOnce, id_: Id, bought: PurchaseIn) -> Response:
    """A customer bought something, or ordered it for later: until then it is planned."""

    async def work(unit: Unit) -> PurchaseOut:
        near("body.at", bought.at, unit.now)
        purchase = Purchase(bought.product, bought.at, bought.price)
        return PurchaseOut(id=await add_purchase(unit, id_, purchase), **bought.model_dump())

    return await once(201, work)


@router.put("/customers/{id}/subscription")
async def put_subscription(
    change: Change,
    response: Response,
    id_: Id,
    wish: SubscriptionChange,
    if_match: IfMatch = None,
) -> CustomerOut:
    """The customer's subscription as it is now, or from `at` on; the newest `at` holds."""

    def unchanged(present: Subscription | None) -> None:
        etags.check(if_match, show.etag(present))

    async with change(f"http:subscription#{ids.random_id()}") as unit:
        near("body.started_at", wish.started_at, unit.now)
        near("body.at", wish.at, unit.now)
        await set_subscription(unit, id_, wish.made(), wish.at, unchanged)
        known = await read_customers.read_customer(unit, id_, profile=False)
    tag = show.etag(known.present)
    if tag is not None:
        response.headers["ETag"] = tag
    return show.whole(known)


@router.post("/renewals", response_model=Renewed)
async def create_renewals(once: ChangeOnce, wish: Renewals) -> Response:
    """Subscriptions were renewed: a whole billing run in one transaction."""
    customers = [renewal.customer for renewal in wish.renewals]
    if len(set(customers)) < len(customers):
        raise Problem(422, "repeated", "A customer is named twice", "body.renewals.customer")

    async def work(unit: Unit) -> Renewed:
        for n, wished in enumerate(wish.renewals):
            near(f"body.renewals.{n}.at", wished.at, unit.now)
        renewals = [
            Renewal(renewal.customer, renewal.at, renewal.renews_at) for renewal in wish.renewals
        ]
        run = await renew(unit, renewals)
        return Renewed(
            renewed=len(run.renewed),
            left_out=[LeftOut(customer=id_, why=why) for id_, why in run.left.items()],
        )

    return await once(200, work)


def _id(new: CustomerIn, unit: Unit) -> str:
    return new.id or ids.derived(create_customers.SERVICE, unit.cause, "customer")


def near(field: str, at: datetime | None, now: datetime) -> None:
    """Go on if `at` is of the past, or so near that it can be planned. Raises Problem 422."""
    if at is not None and is_too_far(at, now):
        raise Problem(422, "too_far_ahead", "Nothing is known so early", f"{field}: {EXPECTED}")


def _not_too_far(given: CustomerIn, now: datetime) -> None:
    for n, bought in enumerate(given.purchases):
        near(f"body.purchases.{n}.at", bought.at, now)
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
        purchases=[Purchase(bought.product, bought.at, bought.price) for bought in given.purchases],
    )
