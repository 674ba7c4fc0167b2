"""`shops/*.yaml`: which events of a shop count, and which of its fields are what."""

import re
from collections.abc import Collection, Iterable, Mapping

from services.journey.domain.deliveries.shop import NEEDED, OPTIONAL, Means, Shop, Telling
from services.journey.domain.plays.reading import Part, Problem, parse
from services.journey.domain.renewals.outcome import Reason

SHOP_FIELDS = ("shop", "says", "kind", "customer", "at", "cents", "events")
EVENT_FIELDS = ("event", "means", "customer", "at", "of_each", "fields", "reasons")
SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
PLACE = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,9}")
NO_PLACE = "expected where it stands, like data.order.total"


def read_shops(texts: Mapping[str, str], problems: list[Problem]) -> dict[str, Shop]:
    """The shops of a playbook, by name; what is wrong is noted."""
    shops: dict[str, Shop] = {}
    for file in sorted(texts):
        if file.startswith("shops/"):
            part = parse(file, texts[file], problems)
            shop = _shop(part)
            if shop.name in shops:
                part.field("shop").bad(f"`{shop.name}` is taken")
            shops[shop.name] = shop
    return shops


def _shop(part: Part) -> Shop:
    part.fields(SHOP_FIELDS, ("shop", "says", "kind", "customer", "events"))
    name = part.field("shop").text()
    if name and SHOP.fullmatch(name) is None:
        part.field("shop").bad("expected a name: small letters, digits and -, up to 40")
    given = {key: _place(part.field(key)) for key in ("customer", "at") if part.field(key).is_there}
    events: dict[str, Telling] = {}
    for written in part.field("events").items():
        event = written.field("event").text()
        if event in events:
            written.field("event").bad(f"`{event}` is taken")
        events[event] = _telling(written, given)
    cents = part.field("cents")
    return Shop(
        name, part.field("says").text(), _place(part.field("kind")),
        cents.is_there and cents.flag(), events,
    )  # fmt: skip


def _telling(part: Part, given: Mapping[str, str]) -> Telling:
    part.fields(EVENT_FIELDS, ("event", "means"))
    word = part.field("means").word([known.value for known in Means], "meaning")
    means = Means(word) if word in set(Means) else Means.PURCHASE
    named = part.field("fields")
    if named.is_there or NEEDED[means]:
        named.fields((*NEEDED[means], *OPTIONAL[means]), NEEDED[means])
    listed = part.field("of_each")
    own = {key: part.field(key) for key in ("customer", "at") if part.field(key).is_there}
    own |= {key: named.field(key) for key in named.names}
    fields = {key: _place(place, member=listed.is_there) for key, place in own.items()}
    reasons = part.field("reasons")
    if reasons.is_there and (means is not Means.CANCELLATION or "reason" not in fields):
        reasons.bad("only a cancellation with the field `reason` has them")
    return Telling(
        means,
        _place(listed) if listed.is_there else "",
        {**given, **fields},
        _reasons(reasons, reasons.names, [known.value for known in Reason]),
    )


def _reasons(part: Part, names: Iterable[str], known: Collection[str]) -> dict[str, Reason]:
    words = {name: part.field(name).word(known, "reason") for name in names}
    return {name: Reason(word) for name, word in words.items() if word in set(Reason)}


def _place(part: Part, *, member: bool = False) -> str:
    """Where something stands in a body."""
    text = part.text()
    if text and PLACE.fullmatch(text.removeprefix(".") if member else text) is None:
        part.bad(NO_PLACE + (", or .sku in a member of the list" if member else ""))
    return text
