"""Verifiers of passwords as mosquitto's password file holds them.

The passwords are 256 random bits, which nobody guesses: rounds would add nothing. They would cost: at
SIGHUP mosquitto checks the password of every live connection again, and speaks to nobody meanwhile.
"""

import base64
import hashlib

ROUNDS = 1  # mosquitto_passwd takes 101: 0.1 ms each, 10 s for 100,000 live connections


def verifier(password: str, salt: bytes) -> str:
    """PBKDF2-HMAC-SHA512 in the words of mosquitto_passwd(1), format 7.

    Args:
        salt: 12 random bytes.

    >>> verifier("secret", bytes(12))[:22]
    '$7$1$AAAAAAAAAAAAAAAA$'
    """
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, dklen=64)
    told = [base64.b64encode(part).decode("ascii") for part in (salt, digest)]
    return f"$7${ROUNDS}${told[0]}${told[1]}"


def line(name: str, password: str, salt: bytes) -> str:
    """A line of the password file, for one of our own accounts."""
    return f"{name}:{verifier(password, salt)}\n"
