"""What became of an effect that nobody knows of: said by a person."""

from shared.audited import entry
from shared.effects import machine, rows
from shared.effects.effect import Effect
from shared.effects.machine import Resolution
from shared.effects.rows import Change
from shared.stream.transaction import Transaction
from shared.web.who import Who


async def resolve(tx: Transaction, who: Who, id_: str, resolution: Resolution) -> Effect | None:
    """Settle it, or have it done once more; None: there is none. Raises: WrongState."""
    effect = await rows.hold(tx.connection, id_)
    if effect is None:
        return None
    after = machine.resolve(effect, resolution, tx.now)
    await rows.write(tx.connection, [Change(after, effect.lease)])
    told = {"state": effect.state, "resolution": resolution}
    tx.audit(entry(who, "effect.resolve", "effect", id_, after=told))
    return after
