"""Codes of the second factor: used once, whoever asks for them."""

from dataclasses import replace
from datetime import datetime

from services.console.domain import one_time_code
from services.console.domain.account import Account
from services.console.domain.digest import digest
from services.console.handlers.ports import Store

DIGITS = 6


async def use_code(store: Store, account: Account, code: str, now: datetime) -> bool:
    """Take a code of the telephone, or a recovery code; each only once.

    Args:
        account: held by this transaction.
    """
    if account.totp_secret is None:
        return False
    plain = one_time_code.plain(code)
    if len(plain) != DIGITS:
        return await store.accounts.use_recovery_code(account.id, digest(plain))
    step = one_time_code.accepted_step(account.totp_secret, plain, now, account.totp_step)
    if step is None:
        return False
    await store.accounts.write(replace(account, totp_step=step))
    return True
