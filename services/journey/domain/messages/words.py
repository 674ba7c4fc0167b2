"""What a message may say of a customer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from services.journey.domain.calls.slots import when
from services.journey.domain.customers.state import State
from services.journey.domain.facts import FACTS
from services.journey.domain.messages.fill import CALL_WORDS, CODE_WORD, OFFER_WORDS
from shared.identity import zone_or_utc


class Person(NamedTuple):
    """Whoever is written to; what they have not told is empty."""

    name: str = ""
    language: str = ""


NO_OFFER: Final[Mapping[str, object]] = dict.fromkeys(OFFER_WORDS, "")
NO_CALL: Final[Mapping[str, object]] = dict.fromkeys(CALL_WORDS, "")
#: where a message is looked at without one
SAMPLE_CALL: Final[Mapping[str, object]] = {
    "booking_url": "https://example.org/a-link-of-its-own",
    "call_at": "Monday 3 June 2030, 15:00 (UTC)",
    "call_news": "booked",
}
#: the same
SAMPLE_CODE: Final = "7KQ2M-XN4TD"
#: the same
SAMPLE_OFFER: Final[Mapping[str, object]] = {
    "offer_product": "Example product",
    "offer_price": "80.00",
    "offer_list_price": "100.00",
    "offer_until": "1 June 2030",
}


def offer_words(
    product: str, price: float, list_price: float, until: datetime, zone: str
) -> Mapping[str, object]:
    """What a message may say of an offer; its last day is the customer's."""
    last = until.astimezone(ZoneInfo(zone_or_utc(zone)))
    return {
        "offer_product": product,
        "offer_price": f"{price:.2f}",
        "offer_list_price": f"{list_price:.2f}",
        "offer_until": f"{last.day} {last:%B %Y}",
    }


def call_words(
    url: str, starts_at: datetime | None, news: str | None, zone: str
) -> Mapping[str, object]:
    """What a message may say of a call; its time is the customer's.

    Args:
        url: where it is booked, moved, cancelled.
    """
    at = "" if starts_at is None else when(starts_at, zone)
    return {"booking_url": url, "call_at": at, "call_news": news or ""}


def words(
    state: State, person: Person, now: int, offer: Mapping[str, object] = NO_OFFER,
    call: Mapping[str, object] = NO_CALL, code: str = "",
) -> Mapping[str, object]:  # fmt: skip
    """Facts by their names, `name`, what is offered and agreed; what is not known is an empty text.

    Args:
        now: epoch seconds.
        offer: as `offer_words` has it; call: as `call_words` has it.
        code: for friends.
    """
    facts = {fact.name: fact.value(state, now) for fact in FACTS}
    known = {name: "" if value is None else value for name, value in facts.items()}
    return {
        **known,
        **offer,
        **call,
        CODE_WORD: code,
        "name": person.name,
        "language": person.language,
    }
