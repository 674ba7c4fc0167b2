"""An offer is made to a customer, by a person or by a step of a play, if nothing speaks against it."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

from services.journey.domain.customers.state import Dated, State
from services.journey.domain.days import seconds
from services.journey.domain.facts import offer as fact
from services.journey.domain.messages.of_runs import trouble
from services.journey.domain.plays.run import MakeOffer, Run
from services.journey.domain.products.making import (
    Against,
    Kind,
    Shop,
    Wanted,
    against,
    price_of,
)
from services.journey.domain.products.offers import Refusal
from services.journey.domain.products.product import Product
from services.journey.handlers.ports import Unit
from shared import ids

SERVICE = "journey"
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}


@dataclass(slots=True)
class Sale:
    """What is known of customers, who are held, while offers are made to them; one question for all.

    Attributes:
        owned, offered: products, by customer.
        made: rows that are still to be written.
    """

    catalogue: Sequence[Product]
    owned: Mapping[str, set[str]]
    offered: Mapping[str, set[str]]
    made: list[Mapping[str, Any]] = field(default_factory=list)


@asynccontextmanager
async def sale(unit: Unit, customers: Collection[str]) -> AsyncIterator[Sale]:
    """Make offers to these customers; what was made is written at the end."""
    store = unit.store
    offered: dict[str, set[str]] = {id_: set() for id_ in customers}
    for row in await store.offers.open_of(customers):
        offered[row.customer].add(row.product)
    owned = await store.products.owned(customers, unit.now)
    known = Sale(await store.products.all(), owned, offered)
    yield known
    await store.offers.make(known.made)


def offer(
    unit: Unit, known: Sale, id_: str, customer: str, state: State, wanted: Wanted,
    by: Run | None = None, step: str | None = None, *, only_asked: bool = False,
) -> Refusal | Against | None:  # fmt: skip
    """Make it, or say what speaks against it.

    Args:
        state: of the customer; that there is an offer is for the caller to fold, `mark_of` says how.
        by: the run whose step makes it; None: a person.
        only_asked: nothing is made: they are compared with.
    """
    shop = Shop(
        known.catalogue, known.owned[customer], known.offered[customer],
        trouble(state, seconds(unit.now)),
    )  # fmt: skip
    why = against(wanted, shop, unit.now)
    if why is None and not only_asked:
        product = next(sold for sold in known.catalogue if sold.id == wanted.product)
        known.offered[customer].add(product.id)
        known.made.append(
            {
                "id": id_, "customer": customer, "kind": wanted.kind, "product": product.id,
                "name": product.name, "list_price": product.price,
                "price": price_of(wanted, product), "made_at": unit.now,
                "made_by": unit.who.subject, "valid_until": wanted.until, "state": "open",
                "due_at": wanted.until, "run": None if by is None else by.id,
                "play": None if by is None else by.play, "step": step,
            }
        )  # fmt: skip
    return why


def offer_by_step(
    unit: Unit, known: Sale, run: Run, act: MakeOffer, state: State
) -> tuple[Refusal | Against | None, Dated | None]:
    """What a step asks for: what speaks against it, or how its fact is to be noted, None: not at all."""
    id_ = ids.derived(SERVICE, run.id, f"offer/{act.step}", act.visit)
    wanted = Wanted(
        kind=KINDS[act.kind], product=act.product, discount=act.discount, price=act.price,
        until=unit.now + timedelta(seconds=act.valid_s),
    )  # fmt: skip
    why = offer(
        unit, known, id_, run.customer, state, wanted, run, act.step, only_asked=run.control
    )
    is_made = why is None and not run.control
    return why, mark_of(id_, "open", seconds(unit.now)) if is_made else None


def mark_of(id_: str, word: str, at: int) -> Dated:
    """How the fact says what has become of an offer."""
    return Dated(at, f"{fact.NAME}:{id_}/{word}", word)
