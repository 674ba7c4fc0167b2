"""The second factor: time-based codes (RFC 6238) and recovery codes for a lost telephone."""

from datetime import datetime

import pyotp

from services.console.domain.sealed.digest import same

STEP_S = 30
DRIFT = 1  # steps that a telephone's clock may be off
RECOVERY_CODES = 10
ISSUER = "Playcaller"


def accepted_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step of a right code that was not used before; None: it is not taken.

    Args:
        last_step: of the last code that was taken: that one and older ones are refused.
    """
    present = int(now.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret)
    position = None
    for step in range(present - DRIFT, present + DRIFT + 1):  # all of them: the same time always
        if same(totp.generate_otp(step), code) and step > last_step:
            position = step
    return position


def address(secret: str, email: str) -> str:
    """The `otpauth://` address that telephones read from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def written(code: str) -> str:
    """A recovery code as it is shown.

    >>> written("abcdefghijklmnop")
    'abcd-efgh-ijkl-mnop'
    """
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))
