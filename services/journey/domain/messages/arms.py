"""Who is held out, and who gets which arm: by hash, so that it is the same whenever it is asked.

A fresh draw at each pass would let one customer change arms, and a share that grows would mix those
who were compared so far. research/journey.md, section 5 [15].
"""

import hashlib
from collections.abc import Mapping

PARTS = 1 << 32
OF_ALL = "every play"  # the name of the draw for all of them: a play may not be called so
SALT = ""  # ids of customers are ours alone: they need no other


def drawn(salt: str, name: str, customer: str) -> float:
    """Where a customer stands in this draw: from 0 to just below 1, as even as SHA-256.

    Args:
        salt: of the installation, so that two companies do not hold out the same ids.
        name: of the play or experiment: another one is another draw.
    """
    words = "\x1f".join((salt, name, customer)).encode()  # no id has a unit separator
    return int.from_bytes(hashlib.sha256(words).digest()[:4]) / PARTS


def held_out(salt: str, name: str, customer: str, share: float) -> bool:
    """Whether a customer is in the holdout of a play, or of all of them.

    Whoever is held out at a share is so at every larger one.

    >>> held_out("s", "renewal", "c-1", 0.0), held_out("s", "renewal", "c-1", 1.0)
    (False, True)
    """
    return drawn(salt, name, customer) < share


def arm(salt: str, name: str, customer: str, shares: Mapping[str, float]) -> str:
    """Which arm of a split a customer goes.

    Args:
        shares: by arm, in an order that stays; weights, they need not add up to 1.
    Raises: ValueError: no weight, or one below 0.
    """
    whole = sum(shares.values())
    if whole <= 0 or min(shares.values()) < 0:
        raise ValueError("split: expected weights of 0 or more, and one above 0")
    left = drawn(salt, f"{name}\x1farm", customer) * whole
    for word, share in shares.items():
        left -= share
        if left < 0:
            return word
    return next(word for word, share in reversed(list(shares.items())) if share > 0)
