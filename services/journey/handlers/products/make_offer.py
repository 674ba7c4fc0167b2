"""An offer is made to a customer, by a person or by a step of a play, if nothing speaks against it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import get_args

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
from services.journey.handlers.ports import Unit
from shared import ids

SERVICE = "journey"
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}


async def offer(
    unit: Unit, id_: str, customer: str, state: State, wanted: Wanted, by: Run | None = None,
    step: str | None = None, *, only_asked: bool = False,
) -> Refusal | Against | None:  # fmt: skip
    """Make it, or say what speaks against it; the customer is held.

    Args:
        state: of the customer; that there is an offer is for the caller to fold, `mark_of` says how.
        by: the run whose step makes it; None: a person.
        only_asked: nothing is made: they are compared with.
    """
    store = unit.store
    catalogue = await store.products.all()
    offered = {row.product for row in await store.offers.open_of(customer)}
    owned = await store.products.owned(customer, unit.now)
    shop = Shop(catalogue, owned, offered, trouble(state, seconds(unit.now)))
    why = against(wanted, shop, unit.now)
    if why is None and not only_asked:
        product = next(sold for sold in catalogue if sold.id == wanted.product)
        await store.offers.make(
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


async def offer_by_step(
    unit: Unit, run: Run, act: MakeOffer, state: State
) -> tuple[Refusal | Against | None, Dated | None]:
    """What a step asks for: what speaks against it, or how its fact is to be noted, None: not at all."""
    id_ = ids.derived(SERVICE, run.id, f"offer/{act.step}", act.visit)
    wanted = Wanted(
        kind=KINDS[act.kind], product=act.product, discount=act.discount, price=act.price,
        until=unit.now + timedelta(seconds=act.valid_s),
    )  # fmt: skip
    why = await offer(unit, id_, run.customer, state, wanted, run, act.step, only_asked=run.control)
    is_made = why is None and not run.control
    return why, mark_of(id_, "open", seconds(unit.now)) if is_made else None


def mark_of(id_: str, word: str, at: int) -> Dated:
    """How the fact says what has become of an offer."""
    return Dated(at, f"{fact.NAME}:{id_}/{word}", word)
