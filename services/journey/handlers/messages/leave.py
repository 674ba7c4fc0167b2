"""A customer leaves a topic, with one click and without an account."""

from dataclasses import replace
from typing import Any

from services.journey.domain.messages.purpose import Channel
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

ONE_CLICK = "one_click"


async def topic_of(unit: Unit, token: str) -> str:
    """What somebody with this token may leave. Raises NotFound."""
    row = await unit.store.messages.by_token(token)
    if row is None:
        raise NotFound("link", "of a mail")
    topic: str = row.topic
    return topic


async def leave(unit: Unit, token: str) -> str:
    """They get no more mails of the topic; doing it again changes nothing. Raises NotFound."""
    row = await unit.store.messages.by_token(token)
    if row is None:
        raise NotFound("link", "of a mail")
    held = await unit.store.customers.hold_existing([row.customer])
    if held and row.contact is not None:
        await _contact_leaves(unit, row)
    elif held:
        new = await unit.store.consents.leave(
            row.customer, row.topic, Channel.EMAIL, unit.now, ONE_CLICK, None
        )
        if new:
            unit.audit(
                "consent.leave", "customer", row.customer,
                after={"topic": row.topic, "channel": Channel.EMAIL.value, "message": row.id},
            )  # fmt: skip
    topic: str = row.topic
    return topic


async def _contact_leaves(unit: Unit, row: Any) -> None:
    """Of an account only who got the mail gets no more of its topic."""
    person = await unit.store.contacts.find(row.customer, row.contact)
    if person is None or row.topic in person.consent.left:
        return
    left = (*person.consent.left, row.topic)
    said = replace(person.consent, left=left, at=unit.now, who=None)
    await unit.store.contacts.change(replace(person, consent=said))
    unit.audit(
        "consent.leave", "customer", row.customer,
        after={"topic": row.topic, "contact": person.id, "message": row.id},
    )  # fmt: skip
