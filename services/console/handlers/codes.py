"""Codes of the second factor: used once, whoever asks for them."""

from dataclasses import replace
from datetime import datetime

from services.console.domain.accounts import one_time_code
from services.console.domain.accounts.account import Account
from services.console.domain.sealed.digest import digest
from services.console.errors import SealBroken
from services.console.handlers.notices import tell
from services.console.handlers.ports import Context, Store
from shared import log, pasted

DIGITS = 6

_log = log.get("console.codes")


async def use_code(
    context: Context, store: Store, account: Account, code: str, now: datetime
) -> bool:
    """Take a code of the telephone, or a recovery code; each only once.

    Args:
        account: held by this transaction.
    """
    if account.totp_secret is None:
        return False
    plain = pasted.code(code)
    if len(plain) != DIGITS:
        used = await store.accounts.use_recovery_code(account.id, digest(plain))
        if used:
            await tell(context, store, account.id, "recovery_code_used", now)
        return used
    secret = opened(context, account.totp_secret, account.id)
    if secret is None:
        return False
    step = one_time_code.accepted_step(secret, plain, now, account.totp_step)
    if step is None:
        return False
    await store.accounts.write(replace(account, totp_step=step))
    return True


def opened(context: Context, sealed: str, account: str) -> str | None:
    """The secret of a second factor; None: nobody can open it, so no code is right (logged)."""
    try:
        return context.seal.open(sealed, "second factor", account)
    except SealBroken:
        _log.error("a second factor cannot be opened: an admin resets it", extra={"of": account})
        return None
