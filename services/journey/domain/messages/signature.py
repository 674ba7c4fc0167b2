"""What a webhook is signed with, ours and those that shops send us, so that both sides know whose it is.

Source: Standard Webhooks, standardwebhooks.com, specification 1.0: HMAC-SHA256 over id, time and body.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64  # of the key, as the specification has it
TOLERANCE_S = 300  # between their clock and ours; what is older may be a replay
MOST_SECRETS = 2  # of a shop: the old one and the new one
MOST_SIGNATURES = 10  # of one webhook, while whoever sends it changes its secret


def key_of(secret: str) -> bytes:
    """The key that a secret stands for. Raises ValueError: it is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"expected {PREFIX} and {FEWEST_BYTES} to {MOST_BYTES} bytes in base64")
    return key


def signed(key: bytes, id_: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a webhook.

    Args:
        id_: the same for every try: who has handled it, handles it no more.
        at: of this try, epoch seconds.
    """
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{_signature(key, id_, at, body)}",
        "content-type": "application/json",
    }


def is_signed(keys: Iterable[bytes], id_: str, at: int, body: bytes, signatures: str) -> bool:
    """Whether one of the signatures is of one of these keys.

    Args:
        keys: two while a secret is being changed.
        signatures: the header, `v1,...` each, separated by blanks.
    """
    given = [
        sign.removeprefix("v1,").encode()
        for sign in signatures.split(" ")[:MOST_SIGNATURES]
        if sign.startswith("v1,")
    ]
    right = [_signature(key, id_, at, body).encode() for key in keys]
    return any(hmac.compare_digest(ours, theirs) for ours in right for theirs in given)


def _signature(key: bytes, id_: str, at: int, body: bytes) -> str:
    said = b".".join((id_.encode(), str(at).encode(), body))
    return base64.b64encode(hmac.digest(key, said, "sha256")).decode()


def shop_keys(secrets: str) -> dict[str, tuple[bytes, ...]]:
    """By shop, the keys that what it sends may be signed with.

    Args:
        secrets: `SHOP=SECRET,SECRET SHOP=SECRET`.
    Raises: ValueError: not written so, or one is no secret; none is named.
    """
    keys: dict[str, tuple[bytes, ...]] = {}
    for written in secrets.split():
        shop, is_so, listed = written.partition("=")
        parts = listed.split(",")
        if not is_so or not shop or shop in keys or len(parts) > MOST_SECRETS:
            raise ValueError(
                f"expected SHOP=SECRET of each shop once, {MOST_SECRETS} secrets at most"
            )
        keys[shop] = tuple(key_of(part) for part in parts)
    return keys
