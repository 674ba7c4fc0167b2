"""Secrets as the database keeps them: AES-256-GCM, bound to whose they are and what they are for.

A sealed text is `1.<key>.<nonce, ciphertext and tag>`. The name of a key is made of the key, so the
wrong key is told from a spoilt text, and of several in the file the right one is found.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.console.domain.sealed.digest import same
from services.console.errors import SealBroken

Purpose = Literal["second factor", "mail"]

NONCE_BYTES = 12  # NIST SP 800-38D 5.2.1.1; drawn at random: good for 2^32 texts of a key
MOST_KEYS = 2  # the one that seals, and the one before it
_FORM = re.compile(r"(?P<key>1\.[0-9a-f]{16})\.(?P<rest>[\w-]+)", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{64}")


class Seal:
    """The first key seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {_name(key): AESGCM(key) for key in keys}
        self.present = next(iter(self._keys))
        self._marking = [hashlib.sha256(b"playcaller mark" + key).digest() for key in keys]

    @property
    def names(self) -> frozenset[str]:
        """How texts begin that can be opened."""
        return frozenset(self._keys)

    def close(self, plain: str, purpose: Purpose, account: str, nonce: bytes) -> str:
        """Seal a text.

        Args:
            nonce: random, never used before.
        """
        closed = self._keys[self.present].encrypt(nonce, plain.encode(), _bound(purpose, account))
        return f"{self.present}.{base64.urlsafe_b64encode(nonce + closed).decode().rstrip('=')}"

    def open(self, sealed: str, purpose: Purpose, account: str) -> str:
        """The text again. Raises SealBroken: not ours, not theirs, not for this, or not whole."""
        form = _FORM.fullmatch(sealed)
        key = None if form is None else self._keys.get(form["key"])
        if form is None or key is None:
            raise SealBroken
        whole = _bytes(form["rest"])
        try:
            opened = key.decrypt(whole[:NONCE_BYTES], whole[NONCE_BYTES:], _bound(purpose, account))
        except (InvalidTag, ValueError):
            raise SealBroken from None
        return opened.decode()

    def mark(self, text: str) -> str:
        """43 letters that only we can make of a text."""
        return _mark(self._marking[0], text)

    def is_mark(self, mark: str, text: str) -> bool:
        """Whether we made it of this text, with any of the keys."""
        return any(same(mark, _mark(key, text)) for key in self._marking)


def key_of(sealed: str) -> str | None:
    """The name of the key that a text was sealed with; None: it is not sealed."""
    form = _FORM.fullmatch(sealed)
    return None if form is None else form["key"]


def read_keys(text: str) -> list[bytes]:
    """The keys of a setting: 64 hexadecimal digits, or two such with a comma between.

    Raises: ValueError: it says something else.

    >>> [len(key) for key in read_keys("9f1c2ab3" * 8 + "," + "0d4e77aa" * 8)]
    [32, 32]
    """
    words = [word.strip().lower() for word in text.split(",")]
    if len(words) > MOST_KEYS or not all(_KEY.fullmatch(word) for word in words):
        raise ValueError("64 hexadecimal digits (32 random bytes), or two such with a comma")
    if len(set(words)) < len(words):
        raise ValueError("both keys are the same")
    return [bytes.fromhex(word) for word in words]


def _name(key: bytes) -> str:
    return f"1.{hashlib.sha256(b'playcaller seal' + key).hexdigest()[:16]}"


def _mark(key: bytes, text: str) -> str:
    digest = hmac.digest(key, text.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _bound(purpose: Purpose, account: str) -> bytes:
    return f"{purpose}\x1f{account}".encode()


def _bytes(text: str) -> bytes:
    """The bytes of base64. Raises SealBroken: not in the one form that we write."""
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise SealBroken from None
    if base64.urlsafe_b64encode(decoded).decode().rstrip("=") != text:
        raise SealBroken
    return decoded
