"""Issuing and revoking credentials: lock the source, decide, save.

The moments here are the wall's clock, also where time is simulated: the broker compares with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest.domain.credentials import credentials
from services.ingest.domain.credentials.credentials import Credential
from services.ingest.domain.messages.addresses import Kind
from services.ingest.domain.sources.source import Source
from services.ingest.errors import NoSuchCode, NoSuchCredential
from services.ingest.handlers.ports import Unit
from shared import ids
from shared.errors import NotFound, Refusal
from shared.mqtt_passwords import verifier

SALT_BITS = 96


@dataclass(frozen=True)
class Issued:
    """A password, which nobody can read again."""

    credential: Credential
    password: str


@dataclass(frozen=True)
class Issue:
    """What became of each id: a password, or why not."""

    issued: dict[str, Issued]
    refused: dict[str, Refusal]


async def issue(unit: Unit, sources: Sequence[str], kind: Kind, at: datetime) -> Issue:
    """Draw a new password for each; the one before ends."""
    known = await unit.store.registry.lock(sources)
    issued: dict[str, Issued] = {}
    refused: dict[str, Refusal] = {}
    for id_ in dict.fromkeys(sources):
        try:
            source = credentials.check(_of_kind(known.get(id_), kind), id_)
        except Refusal as error:
            refused[id_] = error
            continue
        password = ids.secret()
        credential = Credential(
            ids.random_id(),
            id_,
            "password",
            at,
            credentials.expiry(source, at, unit.rules.app_password),
            verifier=verifier(password, bytes.fromhex(ids.random_hex(SALT_BITS))),
        )
        issued[id_] = Issued(credential, password)
        unit.audit(f"{kind}.issue", kind, id_, after={"credential": credential.id})
    await unit.store.credentials.add([fresh.credential for fresh in issued.values()])
    return Issue(issued, refused)


async def certify(
    unit: Unit, source: str, kind: Kind, sign: Callable[[], tuple[str, str, datetime]],
    at: datetime,
) -> tuple[Credential, str]:  # fmt: skip
    """Sign a certificate; those before stay good, so that a device can change over.

    Args:
        sign: gives certificate, serial and expiry.
    """
    known = await unit.store.registry.lock([source])
    credentials.check(_of_kind(known.get(source), kind), source)
    pem, serial, expires_at = sign()
    credential = Credential(ids.random_id(), source, "certificate", at, expires_at, serial=serial)
    await unit.store.credentials.add([credential])
    unit.audit(
        f"{kind}.certify", kind, source, after={"credential": credential.id, "serial": serial}
    )
    return credential, pem


async def revoke_all(unit: Unit, source: str, kind: Kind) -> list[str]:
    """End all credentials of a source; returns which. Raises NotFound."""
    await _check(unit, source, kind)
    ended = await unit.store.credentials.revoke([source], "revoked")
    if ended:
        unit.audit(f"{kind}.revoke", kind, source, after={"credentials": ended})
    return ended


async def revoke_one(unit: Unit, source: str, kind: Kind, credential: str) -> None:
    """End one of several. Raises NotFound; NoSuchCredential: it has ended already."""
    await _check(unit, source, kind)
    if not await unit.store.credentials.revoke_one(credential, source, "revoked"):
        raise NoSuchCredential(source)
    unit.audit(f"{kind}.revoke", kind, source, after={"credentials": [credential]})


async def give_code(
    unit: Unit, source: str, draw: Callable[[], str], at: datetime
) -> tuple[str, datetime]:
    """A code with which a customer claims the device; an earlier one ends.

    Raises: NotFound, SourceRetired.
    """
    known = await unit.store.registry.lock([source])
    credentials.check(_of_kind(known.get(source), "device"), source)
    code, until = draw(), at + unit.rules.claim_code
    await unit.store.credentials.set_code(source, credentials.digest(code), until)
    unit.audit("device.give_code", "device", source)
    return code, until


async def use_code(unit: Unit, code: str, at: datetime) -> str:
    """The device a code is for; it works once. Raises NoSuchCode."""
    source = await unit.store.credentials.take_code(credentials.digest(code), at)
    if source is None:
        raise NoSuchCode
    unit.audit("device.use_code", "device", source)
    return source


async def _check(unit: Unit, id_: str, kind: Kind) -> None:
    """Lock the source. Raises NotFound."""
    if _of_kind((await unit.store.registry.lock([id_])).get(id_), kind) is None:
        raise NotFound("source", id_)


def _of_kind(source: Source | None, kind: Kind) -> Source | None:
    return source if source is not None and source.kind == kind else None
