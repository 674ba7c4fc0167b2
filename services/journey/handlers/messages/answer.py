"""A customer answers a question of ours, without an account: the answer becomes a fact with its date."""

from typing import Any, NamedTuple

from services.journey.domain.customers.state import Dated, keep
from services.journey.domain.days import seconds
from services.journey.domain.plays.play import Declared
from services.journey.domain.plays.run import Known
from services.journey.errors import UnknownAnswer
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
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
    state = (await unit.store.customers.states([customer]))[customer.id]
    value = choice if asked.scale is None else int(choice)
    keep(state.said.setdefault(asked.name, []), Dated(seconds(unit.now), f"answer:{row.id}", value))
    await unit.store.customers.save_states([(customer, state)])
    await unit.store.messages.answered(row.id, unit.now, words)
    unit.audit(
        "answer.give", "customer", customer.id, after={"fact": asked.name, "message": row.id}
    )
    known = {customer.id: Known(state, customer.stage, customer.zone)}
    await save(unit, await move(unit, await unit.store.runs.active([customer.id]), known))


async def _asked(unit: Unit, token: str) -> tuple[Any, Declared]:
    row = await unit.store.messages.by_answer_token(token)
    declared = None if row is None else unit.rules.playbook.facts.get(row.asks)
    if row is None or declared is None or row.until is None or row.until < unit.now:
        raise NotFound("link", "of a mail")
    return row, declared
