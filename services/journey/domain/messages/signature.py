"""What a webhook is signed with, so that whoever gets it knows that it is ours and new.

Source: Standard Webhooks, standardwebhooks.com, specification 1.0: HMAC-SHA256 over id, time and body.
"""

import base64
import binascii
import hmac

PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64  # of the key, as the specification has it


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
    said = b".".join((id_.encode(), str(at).encode(), body))
    signature = base64.b64encode(hmac.digest(key, said, "sha256")).decode()
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature}",
        "content-type": "application/json",
    }
