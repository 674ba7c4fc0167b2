"""A delivery of a shop: done once by its id; what cannot be done is kept until it can."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.journey.domain.deliveries.shop import Shop
from services.journey.domain.deliveries.understand import (
    Told,
    customer_of,
    decoded,
    kind_of,
    understand,
)
from services.journey.errors import DeliveryIdReused, KeptTooMany, NotUnderstood
from services.journey.handlers.deliveries.tell import of_delivery, tell
from services.journey.handlers.ports import Unit
from shared import normal
from shared.errors import NotFound

KIND = "delivery"
MOST_KEPT = 10_000  # 640 MB at most; then shops are asked to send it later
FORGET_AFTER = timedelta(days=90)  # shops try again for days; what is kept waits for people


class Became(StrEnum):
    """What has become of a delivery."""

    #: what it says is so now
    DONE = "done"
    #: it says nothing that matters here
    IGNORED = "ignored"
    #: it cannot be understood, or not be done yet
    KEPT = "kept"
    #: somebody has looked at what was kept, and it is of no use
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Sent:
    """What a shop sent.

    Attributes:
        id: as it is signed, with the shop's name before it.
        at: as it is signed.
    """

    shop: Shop
    id: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; repeated: before."""

    became: str
    repeated: bool = False


async def deliver(unit: Unit, sent: Sent) -> Outcome:
    """Do what it says.

    Raises: NotFound, NotUnderstood: nothing is done, and it is to be kept; DeliveryIdReused.
    """
    row = _row(unit, sent, Became.DONE)
    if not await unit.store.deliveries.add(row):
        before = await unit.store.deliveries.one(sent.id)
        if before is not None and before.hash != row["hash"]:
            raise DeliveryIdReused
        return Outcome(Became.DONE if before is None else before.state, repeated=True)
    body = decoded(sent.body)
    kind = kind_of(sent.shop, body)
    became, customer = await _do(unit, sent, kind, body)
    await unit.store.deliveries.change(sent.id, kind=kind, state=became, customer=customer)
    return Outcome(became)


async def keep(unit: Unit, sent: Sent, why: str) -> Outcome:
    """Keep it for people, with why. Raises: KeptTooMany."""
    if await unit.store.deliveries.kept() >= MOST_KEPT:
        raise KeptTooMany
    text = normal.storable(sent.body.decode("utf-8", "replace"))
    kind, customer = None, None
    try:
        body = decoded(sent.body)
        customer = customer_of(sent.shop, body)
        kind = kind_of(sent.shop, body)
    except NotUnderstood:
        pass  # what can be told of it is told
    row = {**_row(unit, sent, Became.KEPT), "why": why, "body": text}
    if not await unit.store.deliveries.add({**row, "kind": kind, "customer": customer}):
        return Outcome(Became.KEPT, repeated=True)
    unit.audit("delivery.keep", KIND, sent.id, after={"kind": kind})
    return Outcome(Became.KEPT)


async def replay(unit: Unit, id_: str) -> Outcome:
    """Do what was kept, as it is understood now.

    Raises: NotFound: none is kept under this id, or its customer; NotUnderstood: as before.
    """
    row = await _kept(unit, id_)
    shop = unit.rules.playbook.shops.get(row.shop)
    if shop is None:
        raise NotUnderstood("the playbook knows this shop no more")
    sent = Sent(shop, id_, row.sent_at, row.body.encode())
    body = decoded(sent.body)
    kind = kind_of(shop, body)
    became, customer = await _do(unit, sent, kind, body)
    changed = {"kind": kind, "state": became, "customer": customer, "body": None, "why": None}
    await unit.store.deliveries.change(id_, **changed)
    unit.audit("delivery.replay", KIND, id_, after={"state": became})
    return Outcome(became)


async def read(unit: Unit, id_: str) -> Any:
    """One that is kept with what it says, audited. Raises: NotFound."""
    row = await _kept(unit, id_)
    unit.audit("delivery.read", KIND, id_)
    return row


async def discard(unit: Unit, id_: str) -> None:
    """It will never be done. Raises: NotFound."""
    await _kept(unit, id_)
    await unit.store.deliveries.change(id_, state=Became.DISCARDED, body=None)
    unit.audit("delivery.discard", KIND, id_)


async def forget(unit: Unit, limit: int) -> int:
    """Ids whose time is over are known no more."""
    return await unit.store.deliveries.forget(unit.now, limit)


async def _do(unit: Unit, sent: Sent, kind: str, body: Any) -> tuple[Became, str | None]:
    telling = sent.shop.events.get(kind)
    if telling is None:
        return Became.IGNORED, None
    things: list[Told] = understand(sent.shop, telling, body, sent.at)
    customers = {told.customer for told in things}
    if await unit.store.customers.erased(customers):
        return Became.IGNORED, None  # of whom nothing is to be known
    for n, told in enumerate(things):
        await tell(of_delivery(unit, sent.id, n), told)
    return Became.DONE, next(iter(customers)) if len(customers) == 1 else None


async def _kept(unit: Unit, id_: str) -> Any:
    row = await unit.store.deliveries.one(id_, held=True)
    if row is None or row.state != Became.KEPT:
        raise NotFound(KIND, id_)
    return row


def _row(unit: Unit, sent: Sent, state: Became) -> dict[str, Any]:
    return {
        "id": sent.id, "shop": sent.shop.name, "hash": hashlib.sha256(sent.body).hexdigest(),
        "sent_at": sent.at, "received_at": unit.now, "state": state.value,
        "forget_at": unit.now + FORGET_AFTER,
    }  # fmt: skip
