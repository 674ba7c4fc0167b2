"""Steps offer products: made or refused in the transaction of the step, and its run goes on with that."""

from collections.abc import Sequence
from dataclasses import replace

from services.journey.domain.customers.state import keep
from services.journey.domain.days import seconds
from services.journey.domain.facts import offer as fact
from services.journey.domain.messages.of_runs import trouble
from services.journey.domain.plays.run import HandOutCode, Known, MakeOffer, Moved, Run
from services.journey.domain.products.making import Against
from services.journey.domain.steps.offer import MADE, refused
from services.journey.handlers.plays.move import move
from services.journey.handlers.ports import Unit
from services.journey.handlers.products.make_offer import offer_by_step, sale
from services.journey.handlers.referrals.codes import codes


async def make_offers(unit: Unit, moved: Sequence[Moved]) -> list[Moved]:
    """Make what steps ask for; what came of their runs is for the caller to save."""
    asked = [
        (change.run.id, act)
        for change in moved
        for act in change.acts
        if isinstance(act, MakeOffer | HandOutCode) and change.run.state == "active"
    ]
    if not asked:
        return []
    # as they are now: a step of another run may have ended one
    runs = await unit.store.runs.several(id_ for id_, _ in asked)
    held = await unit.store.customers.hold_existing({run.customer for run in runs.values()})
    states = await unit.store.customers.states(list(held.values()))
    told: list[Run] = []
    noted: set[str] = set()
    recommend: set[str] = set()
    async with sale(unit, held.keys()) as known_sale:
        for id_, act in asked:
            run = runs[id_]
            if (run.state, run.step, run.visit) != ("active", act.step, act.visit):
                continue
            state = states[run.customer]
            if isinstance(act, HandOutCode):
                troubled = trouble(state, seconds(unit.now)) is not None
                told.append(replace(run, told=refused(Against.TROUBLE) if troubled else MADE))
                if not troubled and not run.control:
                    recommend.add(run.customer)
                continue
            why, mark = offer_by_step(unit, known_sale, run, act, state)
            told.append(replace(run, told=MADE if why is None else refused(why.value)))
            if mark is not None:
                keep(state.said.setdefault(fact.NAME, []), mark)
                noted.add(run.customer)
    await codes(unit, recommend)
    await unit.store.customers.save_states([(held[id_], states[id_]) for id_ in sorted(noted)])
    await unit.store.runs.look_again(noted, unit.now)
    known = {
        id_: Known(states[id_], customer.stage, customer.zone) for id_, customer in held.items()
    }
    return await move(unit, told, known)
