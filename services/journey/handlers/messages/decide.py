"""A message is about to go: whether it may is asked, written down, and told to its run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import State
from services.journey.domain.days import seconds
from services.journey.domain.facts import FACTS
from services.journey.domain.messages.caps import Sent
from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.letter import Letter, is_address, write
from services.journey.domain.messages.of_runs import (
    LOOKED_BACK,
    NOT_WANTED,
    RUN_ENDED,
    USEFUL,
    ended_without,
    trouble,
)
from services.journey.domain.messages.purpose import Channel, Purpose
from services.journey.domain.messages.verdict import (
    Left,
    Message,
    Outcome,
    Reason,
    Recipient,
    Verdict,
    verdict,
)
from services.journey.domain.plays.advance import park
from services.journey.domain.plays.play import Message as Written
from services.journey.domain.plays.run import Known, Run
from services.journey.domain.steps.mail import HELD_BACK, SENT
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Deferred, Suppressed

# where a message has been taken out of the playbook since: a template that cannot be filled
NONE = Written("", "", Purpose.SERVICE, "", "{{ message_is_gone }}")
GONE, TEMPLATE = "no_message", "template_failed"


class Links(NamedTuple):
    """Where customers leave a topic, and where they answer a question."""

    leave: str
    answer: str


class Going(NamedTuple):
    """A letter, and when it was decided that it goes."""

    letter: Letter
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of a message as it is about to go."""

    row: Any
    customer: Customer
    state: State
    run: Run
    profile: Any


async def decide(unit: Unit, id_: str, links: Links) -> Going | Suppressed | Deferred:
    """Whether a message may go now, and the letter if so.

    What was let through before (it may have gone out, or the server took none) is asked again but for
    its run, which has gone on: with the same answer the same letter goes out.

    Args:
        links: of our public pages; a token is put behind each.
    """
    row = await unit.store.messages.one(id_)
    if row is None:
        return Suppressed(GONE)
    held = await unit.store.customers.hold_existing([row.customer])
    run = await unit.store.runs.one(row.run)
    if not held or run is None:
        return Suppressed(GONE)
    customer = held[row.customer]
    state = (await unit.store.customers.states([customer]))[customer.id]
    profile = await unit.store.reader.profile(customer.id)
    case = Case(row, customer, state, run, profile)
    found = await _verdict(unit, case)
    if found.outcome in {Outcome.DEFER, Outcome.HOLD}:
        await _note(unit, case, found)
        return Deferred(found.until or unit.now + timedelta(hours=1), found.reason.value)
    if found.outcome is Outcome.SKIP:
        await _note(unit, case, found)
        word = SENT if found.reason is Reason.HELD_OUT else HELD_BACK
        await _tell(unit, case, word)
        return Suppressed(found.said if found.said == RUN_ENDED else found.reason.value)
    return await _send(unit, case, found, links)


async def _send(unit: Unit, case: Case, found: Verdict, links: Links) -> Going | Suppressed:
    """Write the letter, note that it goes, tell the run."""
    row = case.row
    token = row.leave_token or ids.secret()
    answers = None if row.asks is None else row.answer_token or ids.secret()
    message = unit.rules.playbook.messages.get(row.message, NONE)
    try:
        letter = write(
            message, case.profile.email, _words(case, unit.now), f"{links.leave}{token}",
            "" if answers is None else f"{links.answer}{answers}",
        )  # fmt: skip
    except BadTemplate as error:
        await unit.store.messages.decided(row.id, "skip", TEMPLATE, unit.now, None)
        if _waits(case):
            await save(unit, [park(case.run, f"{TEMPLATE}: {error}", seconds(unit.now))])
        return Suppressed(TEMPLATE)
    decided_at = row.decided_at if row.verdict == Outcome.SEND else unit.now
    await unit.store.messages.decided(
        row.id, found.outcome, found.reason, decided_at, (token, answers)
    )
    await _tell(unit, case, SENT)
    return Going(letter, decided_at)


def _words(case: Case, now: datetime) -> Mapping[str, object]:
    """What a message may say of a customer; what is not known is an empty text."""
    facts = {fact.name: fact.value(case.state, seconds(now)) for fact in FACTS}
    known = {name: "" if value is None else value for name, value in facts.items()}
    return {**known, "name": case.profile.name}


async def _verdict(unit: Unit, case: Case) -> Verdict:
    row = case.row
    if ended_without(case.run) and row.verdict != Outcome.SEND:
        return NOT_WANTED
    sent, waiting = await unit.store.messages.beside(row, unit.now - LOOKED_BACK)
    left, agreed = await unit.store.consents.of(row.customer)
    email = None if case.profile is None else case.profile.email
    recipient = Recipient(
        zone=case.customer.zone,
        reachable=is_address(email),
        suppressed=email is not None and await unit.store.consents.is_suppressed(email),
        left=[Left(topic, channel) for topic, channel in left],
        agreed=[Purpose(purpose) for purpose in agreed],
        trouble=trouble(case.state, seconds(unit.now)),
        held_out=case.run.control,
        sent=[Sent(at, Channel.EMAIL, Purpose(purpose)) for at, purpose in sent],
        rivals=waiting,
    )
    message = Message(
        key=row.id, purpose=Purpose(row.purpose), channel=Channel.EMAIL, topic=row.topic,
        priority=row.priority, planned=row.planned_at,
        useful=USEFUL if row.until is None else min(USEFUL, row.until - row.planned_at),
    )  # fmt: skip
    return verdict(message, recipient, unit.rules.sending, unit.now)


async def _note(unit: Unit, case: Case, found: Verdict) -> None:
    reason = found.said if found.said == RUN_ENDED else found.reason.value
    await unit.store.messages.decided(case.row.id, found.outcome, reason, unit.now, None)


def _waits(case: Case) -> bool:
    """Whether the run still stands at this message's step."""
    at = case.run.state, case.run.step, case.run.visit, case.run.told
    return at == ("active", case.row.step, case.row.visit, None)


async def _tell(unit: Unit, case: Case, word: str) -> None:
    """The run goes on, if it waits for this."""
    if _waits(case):
        one = case.customer
        known = {one.id: Known(case.state, one.stage, one.zone)}
        await save(unit, await move(unit, [replace(case.run, told=word)], known))
