"""Who is held out of all plays: drawn by hash when a customer first may enter one, and kept.

A share that is changed later changes nothing for those who were asked about before: who is compared
stays who they are.
"""

from collections.abc import Iterable, Mapping

from services.journey.domain.messages.arms import OF_ALL, SALT, held_out
from services.journey.handlers.messages.ports import Holdouts
from services.journey.handlers.ports import Unit


async def held_out_of_all(unit: Unit, customers: Iterable[str]) -> set[str]:
    """Those of these customers, who are held; who was never asked about is drawn and noted."""
    share = unit.rules.sending.holdout
    if share == 0:
        return set()
    known, drawn = await _drawn(unit.store.holdouts, customers, share)
    await unit.store.holdouts.note(drawn, unit.now)
    return {id_ for id_, held in {**known, **drawn}.items() if held}


async def would_be_held_out(holdouts: Holdouts, customers: Iterable[str], share: float) -> set[str]:
    """The same, were they asked about now; nothing is noted."""
    known, drawn = await _drawn(holdouts, customers, share) if share else ({}, {})
    return {id_ for id_, held in {**known, **drawn}.items() if held}


async def _drawn(
    holdouts: Holdouts, customers: Iterable[str], share: float
) -> tuple[Mapping[str, bool], Mapping[str, bool]]:
    """Who was asked about before, and what comes of it for the others."""
    asked = set(customers)
    known = await holdouts.of(asked)
    return known, {id_: held_out(SALT, OF_ALL, id_, share) for id_ in asked - known.keys()}
