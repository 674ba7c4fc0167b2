"""Issuing and revoking credentials: lock the source, decide, save."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.ingest.domain import credentials
from services.ingest.domain.addresses import Kind
from services.ingest.domain.credentials import Credential
from services.ingest.domain.source import Source
from services.ingest.errors import IngestError, NoSuchCode
from shared import ids
from shared.mqtt_passwords import verifier

SALT_BITS = 96


class Registry(Protocol):
    """Locks sources."""

    async def lock(
        self, ids: Iterable[str], *, seed_kind: str | None = None
    ) -> dict[str, Source]: ...


class Store(Protocol):
    """What this needs of the store."""

    async def add(self, new: Sequence[Credential]) -> None: ...
    async def set_code(self, source: str, digest: str, expires_at: datetime) -> None: ...
    async def take_code(self, digest: str, now: datetime) -> str | None: ...


@dataclass(frozen=True)
class Issued:
    """A password, which nobody can read again."""

    credential: Credential
    password: str


@dataclass(frozen=True)
class Given:
    """What became of each id: a password, or why not."""

    issued: dict[str, Issued]
    refused: dict[str, IngestError]


async def issue(
    sources: Sequence[str],
    kind: Kind,
    registry: Registry,
    store: Store,
    now: datetime,
    app_life: timedelta,
) -> Given:
    """Draw a new password for each; the one before ends."""
    known = await registry.lock(sources)
    issued: dict[str, Issued] = {}
    refused: dict[str, IngestError] = {}
    for id_ in dict.fromkeys(sources):
        try:
            source = credentials.check(_of_kind(known.get(id_), kind), id_)
        except IngestError as error:
            refused[id_] = error
            continue
        password = ids.secret()
        made = Credential(
            ids.random_id(),
            id_,
            "password",
            now,
            credentials.expiry(source, now, app_life),
            verifier=verifier(password, bytes.fromhex(ids.random_hex(SALT_BITS))),
        )
        issued[id_] = Issued(made, password)
    await store.add([each.credential for each in issued.values()])
    return Given(issued, refused)


async def certify(
    source: str,
    kind: Kind,
    registry: Registry,
    store: Store,
    sign: Callable[[], tuple[str, str, datetime]],
    now: datetime,
) -> tuple[Credential, str]:
    """Sign a certificate; those before stay good, so that a device can change over.

    Args:
        sign: gives certificate, serial and expiry. Raises ValueError.
    """
    known = await registry.lock([source])
    credentials.check(_of_kind(known.get(source), kind), source)
    pem, serial, expires_at = sign()
    made = Credential(ids.random_id(), source, "certificate", now, expires_at, serial=serial)
    await store.add([made])
    return made, pem


async def give_code(
    source: str,
    registry: Registry,
    store: Store,
    draw: Callable[[], str],
    now: datetime,
    life: timedelta,
) -> tuple[str, datetime]:
    """A code with which a customer claims the device; an earlier one ends.

    Raises: SourceNotFound, SourceRetired.
    """
    known = await registry.lock([source])
    credentials.check(_of_kind(known.get(source), "device"), source)
    code, until = draw(), now + life
    await store.set_code(source, credentials.digest(code), until)
    return code, until


async def use_code(code: str, store: Store, now: datetime) -> str:
    """The device a code is for; it works once. Raises NoSuchCode."""
    found = await store.take_code(credentials.digest(code), now)
    if found is None:
        raise NoSuchCode
    return found


def _of_kind(source: Source | None, kind: Kind) -> Source | None:
    return source if source is not None and source.kind == kind else None
