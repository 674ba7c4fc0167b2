"""What a customer said about what they get, written down by one of us: agreed, left, wanted again."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.rules import Rules
from services.journey.handlers.plays.as_played import now_played
from services.journey.handlers.ports import Store, Unit
from shared.errors import NotFound

ASKED = "asked"


class Said(NamedTuple):
    """What a customer left and agreed to, and why nothing is sent to their address; None: it is.

    Attributes:
        topics: all that messages of plays belong to.
    """

    left: Sequence[Any]
    agreed: Sequence[Any]
    suppressed: Any | None
    topics: Sequence[str] = ()


Unchanged = Callable[[Said], None]


async def read(store: Store, rules: Rules, customer: str) -> Said:
    """What they have said so far, and all topics there are. Raises NotFound."""
    if await store.reader.find(customer) is None:
        raise NotFound("customer", customer)
    left, agreed = await store.consents.said(customer)
    profile = await store.reader.profile(customer)
    email = None if profile is None else profile.email
    suppressed = None if email is None else await store.suppressions.of(email)
    played = (await now_played(store.plays, rules)).playbook
    topics = sorted({message.topic for message in played.messages.values()})
    return Said(left, agreed, suppressed, topics)


async def said(unit: Unit, customer: str) -> Said:
    """The same, for whoever has just written something down."""
    return await read(unit.store, unit.rules, customer)


async def agree(
    unit: Unit, customer: str, purpose: Purpose, unchanged: Unchanged, *, agreed: bool
) -> None:
    """They want such messages, or not any more; saying it again changes nothing. Raises NotFound.

    Args:
        unchanged: Raises when what was said so far is not what the caller has read.
    """
    await _hold(unit, customer)
    unchanged(await said(unit, customer))
    consents = unit.store.consents
    new = await (
        consents.agree(customer, purpose, unit.now, ASKED, unit.who.subject)
        if agreed
        else consents.disagree(customer, purpose)
    )
    if new:
        word = "agree" if agreed else "disagree"
        unit.audit(f"consent.{word}", "customer", customer, after={"purpose": purpose.value})


async def want(
    unit: Unit,
    customer: str,
    topic: str,
    channel: Channel | None,
    unchanged: Unchanged,
    *,
    wanted: bool,
) -> None:
    """They want a topic again, or no more of it; saying it again changes nothing. Raises NotFound.

    Args:
        channel: None: on every one.
        unchanged: Raises when what was said so far is not what the caller has read.
    """
    await _hold(unit, customer)
    unchanged(await said(unit, customer))
    way = "" if channel is None else channel.value
    consents = unit.store.consents
    new = await (
        consents.come_back(customer, topic, way)
        if wanted
        else consents.leave(customer, topic, way, unit.now, ASKED, unit.who.subject)
    )
    if new:
        word = "return" if wanted else "leave"
        after = {"topic": topic, "channel": way or "every"}
        unit.audit(f"consent.{word}", "customer", customer, after=after)


async def _hold(unit: Unit, customer: str) -> None:
    if not await unit.store.customers.hold_existing([customer]):
        raise NotFound("customer", customer)
