"""A fact of a customer that somebody outside tells: kept with its moment, and heard by their runs."""

from services.journey.domain.customers.customer import Customer
from services.journey.domain.customers.state import Dated, keep
from services.journey.domain.days import seconds
from services.journey.domain.facts.fact import Value
from services.journey.domain.plays.run import Known
from services.journey.handlers.plays.move import move
from services.journey.handlers.plays.save import save
from services.journey.handlers.ports import Unit


async def note_fact(unit: Unit, customer: Customer, fact: str, cause: str, value: Value) -> None:
    """Keep it, and let runs that wait for it go on.

    Args:
        unit: with the plays as they are played now.
        customer: held by this transaction.
        cause: identity of what told it: the same again is kept once.
    """
    state = (await unit.store.customers.states([customer]))[customer.id]
    marks = state.said.setdefault(fact, [])
    # of two within a second the later one is the newer
    at = max(seconds(unit.now), marks[-1].at + 1) if marks else seconds(unit.now)
    keep(marks, Dated(at, cause, value))
    await unit.store.customers.save_states([(customer, state)])
    known = {customer.id: Known(state, customer.stage, customer.zone)}
    await save(unit, await move(unit, await unit.store.runs.active([customer.id]), known))
