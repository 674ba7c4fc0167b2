"""What a message may say of a customer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from services.journey.domain.customers.state import State
from services.journey.domain.facts import FACTS
from services.journey.domain.messages.fill import OFFER_WORDS


class Named(Protocol):
    """Whoever has a name."""

    @property
    def name(self) -> str:
        """As they are called."""
        ...


class Unnamed:
    """Whoever has not told it."""

    name = ""


NO_OFFER: Final[Mapping[str, object]] = dict.fromkeys(OFFER_WORDS, "")
#: where a message is looked at without one
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
    last = until.astimezone(ZoneInfo(zone))
    return {
        "offer_product": product,
        "offer_price": f"{price:.2f}",
        "offer_list_price": f"{list_price:.2f}",
        "offer_until": f"{last.day} {last:%B %Y}",
    }


def words(
    state: State, person: Named, now: int, offer: Mapping[str, object] = NO_OFFER
) -> Mapping[str, object]:
    """Facts by their names, `name`, and what is offered; what is not known is an empty text.

    Args:
        now: epoch seconds.
        offer: as `offer_words` has it.
    """
    facts = {fact.name: fact.value(state, now) for fact in FACTS}
    known = {name: "" if value is None else value for name, value in facts.items()}
    return {**known, **offer, "name": person.name}
