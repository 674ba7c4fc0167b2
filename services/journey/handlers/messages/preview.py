"""A message as it would read: for a customer as they are now, or for somebody made up."""

from collections.abc import Mapping

from services.journey.domain.customers.customer import Profile
from services.journey.domain.customers.state import State
from services.journey.domain.messages.letter import Letter, write
from services.journey.domain.messages.words import (
    SAMPLE_CALL,
    SAMPLE_CODE,
    SAMPLE_OFFER,
    Person,
    words,
)
from services.journey.domain.plays.play import Message
from services.journey.domain.rules import Rules
from services.journey.handlers.customers import audited
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

#: whom a message is written to where nobody is named
SAMPLE = Profile("Kim Example", "kim@example.org", None)
#: where links of a message lead that nobody was sent
NOWHERE = "https://example.org/a-link-of-its-own"


def message_of(rules: Rules, name: str) -> Message:
    """The message as it is sent now. Raises NotFound."""
    message = rules.playbook.messages.get(name)
    if message is None:
        raise NotFound("message", name)
    return message


def senders(rules: Rules) -> Mapping[str, list[str]]:
    """Which plays send which message, by its name; one that no play sends has none."""
    plays = rules.playbook.plays.values()
    return {
        name: sorted(play.name for play in plays if name in play.mails)
        for name in rules.playbook.messages
    }


def to_sample(rules: Rules, name: str, now: int) -> Letter:
    """As somebody of whom nothing is known would get it. Raises NotFound, BadTemplate.

    Args:
        now: epoch seconds.
    """
    message = message_of(rules, name)
    return write(
        message,
        SAMPLE.email or "",
        words(State(), _person(SAMPLE), now, SAMPLE_OFFER, SAMPLE_CALL, SAMPLE_CODE),
        NOWHERE,
        NOWHERE,
    )


async def to_customer(unit: Unit, name: str, customer: str, now: int) -> Letter:
    """As this customer would get it now, audited. Raises NotFound, BadTemplate."""
    letter = await as_customer(unit, name, customer, now)
    audited.read(unit, customer)
    return letter


async def as_customer(unit: Unit, name: str, customer: str, now: int) -> Letter:
    """The same for who audits it otherwise."""
    message = message_of(unit.rules, name)
    held = await unit.store.customers.hold_existing([customer])
    if customer not in held:
        raise NotFound("customer", customer)
    state = (await unit.store.customers.states(list(held.values())))[customer]
    profile = (await unit.store.reader.profiles([customer])).get(customer) or Profile(
        "", None, None
    )
    code = (await unit.store.referrals.codes_of([customer])).get(customer, SAMPLE_CODE)
    return write(
        message,
        profile.email or "",
        words(state, _person(profile), now, SAMPLE_OFFER, SAMPLE_CALL, code),
        NOWHERE,
        NOWHERE,
    )


def _person(profile: Profile) -> Person:
    return Person(profile.name, profile.locale or "")
