"""Erasures again, at each start and after a restore: `erased` and `erase` of `shared/run.py`."""

from collections.abc import Sequence

from services.console.store.accounts import Accounts
from shared.stream.transaction import Transaction


async def erase(tx: Transaction, subjects: Sequence[str]) -> Sequence[str]:
    """Forget these accounts; console knows no device or app of anybody."""
    await Accounts(tx.connection).delete(subjects)
    return ()
