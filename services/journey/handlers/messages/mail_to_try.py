"""A message is sent to colleagues to be looked at: marked as a test, and counted as no customer's."""

from dataclasses import replace
from datetime import timedelta

from services.journey.domain.days import seconds
from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.letter import Letter
from services.journey.domain.rules import Rules
from services.journey.errors import TemplateFailed, TooManyTests
from services.journey.handlers.customers import audited
from services.journey.handlers.messages import preview
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Planned

TEST_MAIL = "test_mail"  # the effect's kind
WITHIN = timedelta(hours=1)  # whoever waits for it longer asks again
MOST, SPAN = 20, timedelta(hours=1)
MARK = "[Test] "


async def plan_test(
    unit: Unit, rules: Rules, message: str, to: str, customer: str | None, draft: str | None
) -> str:
    """Have it sent to the account `to`; returns the effect's id.

    Args:
        rules: with the messages as they are played, or as a draft has them.
        customer: as this one would get it; None: somebody made up.
        draft: the play whose draft it is of.
    Raises: NotFound; TemplateFailed; TooManyTests.
    """
    sender = unit.who.subject
    if await unit.store.messages.tests(sender, unit.now - SPAN) >= MOST:
        raise TooManyTests(MOST)
    try:
        await letter(replace(unit, rules=rules), message, customer)
    except BadTemplate as error:
        raise TemplateFailed(message, error) from error
    if customer is not None:
        audited.read(unit, customer)
    id_ = ids.derived("journey", unit.cause or ids.random_id(), TEST_MAIL)
    payload = {"message": message, "to": to, "customer": customer, "draft": draft}
    unit.plan(Planned(id_, TEST_MAIL, sender, unit.now, unit.now + WITHIN, payload))
    after = {"to": to, "customer": customer, "draft": draft}
    unit.audit("message.test", "message", message, after=after)
    return id_


async def letter(unit: Unit, message: str, customer: str | None) -> Letter:
    """What the mail says, marked. Raises: NotFound; BadTemplate."""
    now = seconds(unit.now)
    if customer is None:
        written = preview.to_sample(unit.rules, message, now)
    else:
        written = await preview.as_customer(unit, message, customer, now)
    return replace(written, subject=f"{MARK}{written.subject}", leave_url=None)
