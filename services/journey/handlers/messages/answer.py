"""A customer answers a question of ours, without an account: the answer becomes a fact with its date."""

from typing import Any, NamedTuple

from services.journey.domain.plays.play import Declared
from services.journey.errors import UnknownAnswer
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.note_fact import note_fact
from services.journey.handlers.ports import Unit
from shared.errors import NotFound


class Question(NamedTuple):
    """What is asked, and whether it was answered."""

    asked: Declared
    answered: bool


async def question_of(unit: Unit, token: str) -> Question:
    """What somebody with this token is asked. Raises NotFound: nothing, or not any more."""
    row, asked = await _asked(unit, token)
    return Question(asked, row.answered_at is not None)


async def answer(unit: Unit, token: str, choice: str, words: str | None) -> None:
    """Note the answer, once: the runs that wait for it go on. Raises NotFound, UnknownAnswer."""
    unit = await as_played(unit)
    row, asked = await _asked(unit, token)
    if choice not in asked.values:
        raise UnknownAnswer
    held = await unit.store.customers.hold_existing([row.customer])
    if not held or await unit.store.messages.is_answered(row.id):
        return
    customer = held[row.customer]
    value = choice if asked.scale is None else int(choice)
    await unit.store.messages.answered(row.id, unit.now, words)
    unit.audit(
        "answer.give", "customer", customer.id, after={"fact": asked.name, "message": row.id}
    )
    await note_fact(unit, customer, asked.name, f"answer:{row.id}", value)


async def _asked(unit: Unit, token: str) -> tuple[Any, Declared]:
    row = await unit.store.messages.by_answer_token(token)
    declared = None if row is None else unit.rules.playbook.facts.get(row.asks)
    if row is None or declared is None or row.until is None or row.until < unit.now:
        raise NotFound("link", "of a mail")
    return row, declared
