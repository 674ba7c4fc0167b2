"""Who is held out of all plays: drawn by hash when a customer first may enter one, and kept.

A share that is changed later changes nothing for those who were asked about before: who is compared
stays who they are.
"""

from collections.abc import Iterable

from services.journey.domain.messages.arms import OF_ALL, SALT, held_out
from services.journey.handlers.unit import Unit


async def held_out_of_all(unit: Unit, customers: Iterable[str]) -> set[str]:
    """Those of these customers, who are held; who was never asked about is drawn and noted."""
    share = unit.rules.sending.holdout
    if share == 0:
        return set()
    asked = set(customers)
    known = await unit.store.holdouts.of(asked)
    drawn = {id_: held_out(SALT, OF_ALL, id_, share) for id_ in asked - known.keys()}
    await unit.store.holdouts.note(drawn, unit.now)
    return {id_ for id_, held in {**known, **drawn}.items() if held}
