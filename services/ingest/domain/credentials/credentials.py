"""Credentials of devices and apps: who may have one, until when, and which the broker takes now."""

import hashlib
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from services.ingest.domain.sources.source import Source
from services.ingest.errors import NotClaimed, SourceRetired
from shared.errors import NotFound

Kind = Literal["password", "certificate"]
CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # what looks alike when read aloud is left out


@dataclass(frozen=True, slots=True)
class Credential:
    """What the registry knows of a credential; the secret itself it does not know.

    Attributes:
        verifier: of a password, as the broker holds it.
        serial: of a certificate, hexadecimal.
        expires_at: None: when it is revoked.
    """

    id: str
    source: str
    kind: Kind
    issued_at: datetime
    expires_at: datetime | None = None
    verifier: str | None = None
    serial: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the broker must know: who gets in, and whose certificate does not.

    Attributes:
        passwords: verifier by source.
        certificates: (source, serial) of those that are good.
        revoked: when, by serial; those that would be good otherwise.
        until: when something of it ends by itself.
    """

    passwords: dict[str, str]
    certificates: frozenset[tuple[str, str]]
    revoked: dict[str, datetime]
    until: datetime | None


class Revoked(NamedTuple):
    """A credential that was good lately."""

    source: str
    kind: Kind


def check(source: Source | None, id_: str) -> Source:
    """A source that may have a credential: an app only while a customer has it.

    Raises: NotFound, SourceRetired, NotClaimed.
    """
    if source is None:
        raise NotFound("source", id_)
    if source.retired:
        raise SourceRetired(id_)
    if source.kind == "app" and source.owner is None:
        raise NotClaimed(id_)
    return source


def expiry(source: Source, now: datetime, app_life: timedelta) -> datetime | None:
    """When a password ends: an app's soon, a device's when it is revoked or replaced."""
    return now + app_life if source.kind == "app" else None


def departed(before: Admitted, after: Admitted) -> set[str]:
    """Sources of whose credentials one is no longer good: their connections must end."""
    passwords = {s for s, v in before.passwords.items() if after.passwords.get(s) != v}
    return passwords | {source for source, _ in before.certificates - after.certificates}


def may_be_in(revoked: Iterable[Revoked], passwords: Collection[str]) -> set[str]:
    """Sources that may still be in with what was revoked before we were there.

    Not whose password was replaced: with the former one nobody stays in when the broker has read its
    files, and who came back with the new one is not to be disturbed.

    Args:
        passwords: the sources that have a good one.
    """
    return {r.source for r in revoked if r.kind == "certificate" or r.source not in passwords}


def password_file(own: str, passwords: Iterable[tuple[str, str]]) -> str:
    """mosquitto's password_file: our own accounts, then the sources."""
    return own + "".join(f"{source}:{verifier}\n" for source, verifier in passwords)


def code(letters: Iterable[int]) -> str:
    """A claim code as people read it aloud.

    Args:
        letters: twelve random numbers from 0 to 30: 59 bits.

    >>> code(range(12))
    '2345-6789-abcd'
    """
    text = "".join(CODE_LETTERS[n] for n in letters)
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))


def digest(code_: str) -> str:
    """What is stored of a code; how it is spaced, capitalised and how wide it is does not matter.

    >>> digest("2345 6789 ABCD") == digest("2345-6789-abcd")
    True
    >>> digest("\uff12345-6789-ABCD") == digest("2345-6789-abcd")
    True
    """
    plain = unicodedata.normalize("NFKC", code_).lower()
    bare = "".join(letter for letter in plain if letter.isalnum())
    return hashlib.sha256(bare.encode()).hexdigest()
