"""A body of a shop -> what it tells us; where it cannot be understood, which field and why."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.journey.domain.customers.ahead import EXPECTED, is_too_far
from services.journey.domain.deliveries.shop import PRICES, TIMES, Means, Shop, Telling
from services.journey.domain.renewals.outcome import Reason
from services.journey.errors import NotUnderstood
from shared import identity, moments, normal

MOST = 100  # things of one body
LONGEST = 256  # characters of a word
HIGHEST_PRICE = 1e9
LAST_SECOND = 4_102_444_800  # 2100: what is larger counts milliseconds
KINDS = {
    dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing that a shop tells.

    Attributes:
        price: of what was bought, paid back, or a month of the subscription.
    """

    means: Means
    customer: str
    at: datetime
    product: str = ""
    plan: str = ""
    order: str = ""
    price: float = 0.0
    started_at: datetime | None = None
    renews_at: datetime | None = None
    reason: Reason | None = None


def decoded(body: bytes) -> Any:
    """The body as JSON. Raises: NotUnderstood."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotUnderstood("the body is no JSON") from error


def kind_of(shop: Shop, body: Any) -> str:
    """What has happened, in the shop's own word. Raises: NotUnderstood."""
    return _text(shop.kind, _at(body, shop.kind))


def customer_of(shop: Shop, body: Any) -> str | None:
    """Whom a body is about, as far as it can be told."""
    for telling in shop.events.values():
        with suppress(NotUnderstood):
            return _customer("", _at(body, telling.fields["customer"]))
    return None


def understand(shop: Shop, telling: Telling, body: Any, sent_at: datetime) -> list[Told]:
    """What a body tells, in its order.

    Args:
        sent_at: when it was so, where the body does not say it.
    Raises: NotUnderstood.
    """
    if not telling.of_each:
        return [_told(shop, telling, body, body, "", sent_at)]
    members = _at(body, telling.of_each)
    if not isinstance(members, list) or not 0 < len(members) <= MOST:
        given = f"{len(members)} members" if isinstance(members, list) else _given(members)
        raise NotUnderstood(f"{telling.of_each}: {given}, expected a list of 1 to {MOST}")
    return [
        _told(shop, telling, body, member, f"{telling.of_each}[{n}]", sent_at)
        for n, member in enumerate(members)
    ]


def _told(
    shop: Shop, telling: Telling, body: Any, member: Any, where: str, sent_at: datetime
) -> Told:  # fmt: skip
    read: dict[str, Any] = {"at": sent_at}
    for name, place in telling.fields.items():
        inner = place.startswith(".")
        value = _at(member, place[1:]) if inner else _at(body, place)
        said = f"{where}{place}" if inner else place
        if value is None and name not in {"customer", "product", "plan", "order"}:
            continue
        if name == "customer":
            read[name] = _customer(said, value)
        elif name in TIMES:
            read[name] = _time(said, value, sent_at)
        elif name in PRICES:
            read["price"] = _price(said, value, cents=shop.cents)
        elif name == "reason":
            read[name] = telling.reasons.get(_text(said, value), Reason.OTHER)
        else:
            read[name] = _text(said, value)
    return Told(means=telling.means, **read)


def _at(body: Any, place: str) -> Any:
    """What stands at a place; None: nothing does."""
    for name in place.split("."):
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def _text(place: str, value: Any) -> str:
    """A word; a whole number is one, as ids of shops often are."""
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise NotUnderstood(f"{place}: {_given(value)}, expected a text")
    if normal.unseen(value, joiners=True) is not None or not normal.normal(value):
        raise NotUnderstood(f"{place}: a text with signs nobody sees, or empty, expected a word")
    if len(value) > LONGEST:
        raise NotUnderstood(f"{place}: {len(value)} characters, expected {LONGEST} at most")
    return normal.normal(value)


def _customer(place: str, value: Any) -> str:
    try:
        return identity.customer_id(_text(place, value))
    except ValueError as error:
        expected = identity.CUSTOMER_EXPECTED
        raise NotUnderstood(f"{place}: no id of a customer, expected {expected}") from error


def _time(place: str, value: Any, now: datetime) -> datetime:
    """A time, as RFC 3339 or as seconds since 1970."""
    try:
        if type(value) is int and 0 < value < LAST_SECOND:
            at = datetime.fromtimestamp(value, UTC)
        else:
            at = moments.read(value if isinstance(value, str) else "")
    except ValueError as error:
        raise NotUnderstood(
            f"{place}: {_given(value)}, expected {moments.EXPECTED}, or seconds since 1970"
        ) from error
    if is_too_far(at, now):
        raise NotUnderstood(f"{place}: a time too far ahead, expected {EXPECTED}")
    return at


def _price(place: str, value: Any, *, cents: bool) -> float:
    if isinstance(value, str):  # many shops write money as text, so that no float rounds it
        try:
            value = float(value)
        except ValueError:
            value = None
    number = isinstance(value, int | float) and type(value) is not bool
    if not number or not 0 <= value <= HIGHEST_PRICE:
        raise NotUnderstood(f"{place}: {_given(value)}, expected a price, 0 to {HIGHEST_PRICE:.0f}")
    return float(value) / 100 if cents else float(value)


def _given(value: Any) -> str:
    """The kind of a value, never itself: it may be somebody's."""
    return KINDS.get(type(value), "a number")
