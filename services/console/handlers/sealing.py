"""Seal what the database keeps; at the start, what stands there plain or under the key before."""

from collections.abc import Sequence

from services.console.domain.sealed.seal import NONCE_BYTES, Purpose, Seal, key_of
from services.console.errors import SealBroken
from services.console.handlers.ports import Context, Kept
from shared import ids, log
from shared.errors import BadSettings

SETTING = "CONSOLE_SEAL_KEY_FILE"

_log = log.get("console.sealing")


def sealed(seal: Seal, plain: str, purpose: Purpose, account: str) -> str:
    """A text as the database keeps it."""
    return seal.close(plain, purpose, account, bytes.fromhex(ids.random_hex(8 * NONCE_BYTES)))


async def seal_all(context: Context) -> int:
    """Bring everything under the present key; returns how much was not.

    Rows of before there was a key are plain. One that is spoilt stays as it is and is refused where
    it is used.

    Raises: BadSettings: something was sealed with a key that we do not have.
    """
    async with context.begin() as store:
        strangers = await store.sealed.others(context.seal.present)
        strange = [
            kept for kept in strangers if key_of(kept.text) not in {None, *context.seal.names}
        ]
        if strange:
            raise BadSettings(_missing(strange))
        for kept in strangers:
            try:
                plain = kept.text
                if key_of(plain) is not None:
                    plain = context.seal.open(plain, kept.purpose, kept.account)
            except SealBroken:
                _log.error("cannot be opened", extra={"what": kept.column, "id": kept.id})
                continue
            await store.sealed.write(kept, sealed(context.seal, plain, kept.purpose, kept.account))
    if strangers:
        _log.info("%d secrets sealed with the present key", len(strangers))
    return len(strangers)


def _missing(strange: Sequence[Kept]) -> str:
    names = ", ".join(sorted({str(key_of(kept.text)).partition(".")[2] for kept in strange}))
    return (
        f"{SETTING}: {len(strange)} secrets in the database were sealed with another key ({names}). "
        "Put that key behind the present one, with a comma between; docs/security.md says what to "
        "do when it is lost."
    )
