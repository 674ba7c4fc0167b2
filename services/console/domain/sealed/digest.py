"""What we keep of a secret that we drew: its SHA-256, enough for 256 random bits."""

import hashlib
import hmac


def digest(secret: str) -> str:
    """The SHA-256 of a random secret, as the database keeps it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(digest: str, other: str) -> bool:
    """Whether two digests or codes are equal; takes the same time wherever they differ."""
    return hmac.compare_digest(digest.encode(), other.encode())


def csrf_token(session_secret: str) -> str:
    """What a page has to send beside the cookie: made of the session's secret, so kept nowhere."""
    return hmac.new(session_secret.encode(), b"playcaller csrf", hashlib.sha256).hexdigest()
