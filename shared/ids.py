"""Identities: derived ones for what we emit, random ones for what begins with us."""

import base64
import os
import secrets
import uuid

NAMESPACE = uuid.UUID("6f1d0c53-8d0a-5e0f-9c3b-6c1c6f0f3a11")


def derived(service: str, cause: str, kind: str, n: int = 0) -> str:
    """UUIDv5 of what caused a thing: the same cause gives the same id, after any replay.

    Args:
        service: who makes it.
        cause: identity of the consumed event, `timer:<id>@<due>`, or an Idempotency-Key.
        kind: what is made, e.g. `ticket`, `ticket_changed`.
        n: tells several of a kind from one cause apart.
    Source: RFC 9562 section 5.5; never a sequence (a failover hands those out twice).
    """
    return str(uuid.uuid5(NAMESPACE, f"{service}\x1f{cause}\x1f{kind}\x1f{n}"))


def random_id() -> str:
    """A new UUID, for causes that come from outside without an identity."""
    return str(uuid.uuid4())


def random_hex(bits: int) -> str:
    """Random hex digits, e.g. a `boot` of 64 bits."""
    return os.urandom(bits // 8).hex()


def secret() -> str:
    """256 random bits as 43 characters that are safe in URLs, cookies and headers."""
    return secrets.token_urlsafe(32)


def random_bytes(many: int) -> bytes:
    """Random numbers from 0 to 255."""
    return os.urandom(many)


def base32_secret(bits: int = 160) -> str:
    """Random bits in base32, for people's eyes: what telephones and recovery codes take."""
    return base64.b32encode(os.urandom(bits // 8)).decode()
