"""Credentials of devices and apps: issue, certify, look up, revoke; claim codes; whom the broker refused.

Answers with a secret are stored nowhere, so these routes take no Idempotency-Key: who lost an answer
asks again, and what was issued before ends.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from services.ingest.domain import credentials as rules
from services.ingest.domain.addresses import Kind
from services.ingest.edges.api.audited import audit
from services.ingest.edges.api.claims import error_kind
from services.ingest.edges.api.credential_views import (
    CertificateView,
    CodeIn,
    CodeView,
    CredentialsView,
    CredentialView,
    ManyIn,
    ManyView,
    NotGiven,
    PasswordView,
    RefusalsView,
    RefusedView,
    RequestIn,
    RevokedView,
)
from services.ingest.edges.api.ports import Change, Changing
from services.ingest.edges.api.sources import Id, only
from services.ingest.edges.api.views import SourceView
from services.ingest.edges.monitor import Monitor
from services.ingest.errors import NoAuthority, NoSuchCredential, SourceNotFound
from services.ingest.handlers import change_registry
from services.ingest.handlers import credentials as handle
from shared.audited import entry
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.web.auth import Caller
from shared.web.problems import Problem
from shared.web.who import Who

CredentialId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
CODE_LENGTH = 12


@dataclass(frozen=True)
class Issuing:
    """What the routes need.

    Attributes:
        changed: told when the broker must know something new.
        authority: None: no certificates are issued here.
        monitor: None: nobody hears the broker.
    """

    change: Change
    changed: Callable[[], None]
    authority: DeviceAuthority | None
    monitor: Monitor | None
    app_life: timedelta
    code_life: timedelta


def router(given: Issuing) -> APIRouter:
    """All routes of credentials."""
    made = APIRouter(tags=["credentials"])
    for kind in ("device", "app"):
        made.include_router(_of_kind(kind, given))
    made.include_router(_claiming(given))
    made.include_router(_refusals(given))
    return made


def _of_kind(kind: Kind, given: Issuing) -> APIRouter:
    made = APIRouter(prefix=f"/v1/{kind}s")
    _issues(made, kind, given)
    _ends(made, kind, given)
    _certifies(made, kind, given)
    return made


def _issues(made: APIRouter, kind: Kind, given: Issuing) -> None:
    @made.post("/credentials", status_code=201)
    async def issue_many(body: ManyIn, who: Caller) -> ManyView:
        """A new password for each of up to 1,000 sources; those that can have none are named."""
        done = await _issue(body.sources, kind, given, who)
        return ManyView(
            credentials=[PasswordView.of(each) for each in done.issued.values()],
            left_out=[
                NotGiven(source=id_, kind=error_kind(error), detail=str(error))
                for id_, error in done.refused.items()
            ],
        )

    @made.post("/{id}/credentials", status_code=201)
    async def issue(id_: Id, who: Caller) -> PasswordView:
        """A new password, shown once; the one before ends within two seconds."""
        done = await _issue([id_], kind, given, who)
        for error in done.refused.values():
            raise error
        return PasswordView.of(done.issued[id_])

    @made.get("/{id}/credentials")
    async def look(id_: Id) -> CredentialsView:
        """All that were issued, good or not, without their secrets."""
        async with given.change([]) as tx:
            await _found(tx, id_, kind)
            rows = await tx.credentials.of(id_)
        return CredentialsView(items=[CredentialView.of(row) for row in rows])


def _ends(made: APIRouter, kind: Kind, given: Issuing) -> None:
    @made.post("/{id}/credentials/revoke")
    async def revoke_all(id_: Id, who: Caller) -> RevokedView:
        """End all of them, a live connection included; for an app: sign-out."""
        async with given.change([]) as tx:
            await _found(tx, id_, kind)
            ended = await tx.credentials.revoke([id_], "revoked")
            if ended:
                after = {"credentials": ended}
                tx.audit(entry(who, f"{kind}.revoke", kind, id_, after=after))
        given.changed()
        return RevokedView(revoked=ended)

    @made.post("/{id}/credentials/{credential}/revoke")
    async def revoke_one(id_: Id, credential: CredentialId, who: Caller) -> RevokedView:
        """End one of several; the others stay good. 404: it has ended already."""
        async with given.change([]) as tx:
            await _found(tx, id_, kind)
            if not await tx.credentials.revoke_one(credential, id_, "revoked"):
                raise NoSuchCredential(id_)
            after = {"credentials": [credential]}
            tx.audit(entry(who, f"{kind}.revoke", kind, id_, after=after))
        given.changed()
        return RevokedView(revoked=[credential])


def _certifies(made: APIRouter, kind: Kind, given: Issuing) -> None:
    @made.post("/{id}/certificates", status_code=201)
    async def certify(id_: Id, body: RequestIn, who: Caller) -> CertificateView:
        """Sign a client certificate for a year; earlier ones stay good until they are revoked."""
        authority = given.authority
        if authority is None:
            raise NoAuthority
        signed_at = wall_now()

        def sign() -> tuple[str, str, datetime]:
            try:
                made = authority.certify(id_, body.csr.encode("utf-8"), signed_at)
            except ValueError as error:
                raise Problem(422, "bad_csr", "This is no certificate signing request", str(error), field="body.csr") from None  # fmt: skip
            return made.certificate_pem, made.serial, made.expires_at

        async with given.change([]) as tx:
            credential, pem = await handle.certify(
                id_, kind, tx.registry, tx.credentials, sign, signed_at
            )
            after = {"credential": credential.id, "serial": credential.serial}
            tx.audit(entry(who, f"{kind}.certify", kind, id_, after=after))
        given.changed()
        return CertificateView.of(credential, pem, authority.ca_pem)


def _claiming(given: Issuing) -> APIRouter:
    made = APIRouter()

    @made.post("/v1/devices/{id}/claim-code", status_code=201)
    async def give_code(id_: Id, who: Caller) -> CodeView:
        """A one-time code with which a customer claims the device; an earlier one ends."""
        async with given.change([]) as tx:
            code, until = await handle.give_code(
                id_, tx.registry, tx.credentials, _draw, wall_now(), given.code_life
            )
            tx.audit(entry(who, "device.give_code", "device", id_))
        return CodeView(code=code, expires_at=until)

    @made.post("/v1/claims/code")
    async def claim(body: CodeIn, who: Caller) -> SourceView:
        """Claim the device that waits for this code. A code works once, also when it is refused."""
        async with given.change([]) as tx:
            id_ = await handle.use_code(body.code, tx.credentials, wall_now())
            tx.audit(entry(who, "device.use_code", "device", id_))
        async with given.change([id_]) as tx:
            done = await change_registry.claim(
                [(id_, body.customer)], tx.registry, tx.emitter, tx.now, "device"
            )
            audit(tx, who, "claim", done)
        return only(done, id_)

    return made


def _refusals(given: Issuing) -> APIRouter:
    made = APIRouter()

    @made.get("/v1/broker/refused")
    async def refused() -> RefusalsView:
        """Whom the MQTT broker refused or ended, and why, as far as it tells."""
        monitor = given.monitor
        if monitor is None:
            return RefusalsView(counts={}, unread=None, last=[])
        return RefusalsView(
            counts=dict(monitor.counts),
            unread=monitor.unread,
            last=[RefusedView.of(one) for one in monitor.last],
        )

    return made


async def _issue(ids: Sequence[str], kind: Kind, given: Issuing, who: Who) -> handle.Given:
    async with given.change([]) as tx:
        done = await handle.issue(
            ids, kind, tx.registry, tx.credentials, wall_now(), given.app_life
        )
        tx.audit(
            *(
                entry(who, f"{kind}.issue", kind, id_, after={"credential": each.credential.id})
                for id_, each in done.issued.items()
            )
        )
    given.changed()
    return done


async def _found(tx: Changing, id_: str, kind: Kind) -> None:
    """Lock the source. Raises SourceNotFound."""
    source = (await tx.registry.lock([id_])).get(id_)
    if source is None or source.kind != kind:
        raise SourceNotFound(id_)


def _draw() -> str:
    return rules.code(secrets.randbelow(len(rules.CODE_LETTERS)) for _ in range(CODE_LENGTH))
