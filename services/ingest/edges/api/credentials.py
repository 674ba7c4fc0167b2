"""Credentials of devices and apps: issue, certify, look up, revoke; claim codes; whom the broker refused.

Answers with a secret are stored nowhere, so these routes take no Idempotency-Key: who lost an answer
asks again, and what was issued before ends.
"""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response, StreamingResponse

from services.ingest.domain.credentials import credentials as rules
from services.ingest.domain.messages.addresses import Kind
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
from services.ingest.edges.api.sources import Id, JobId, only
from services.ingest.edges.api.units import Change, Doors, Read
from services.ingest.edges.api.views import SourceView
from services.ingest.errors import NoAuthority
from services.ingest.handlers.credentials import credentials as handle
from services.ingest.handlers.sources import change_registry
from shared.clock import wall_now
from shared.device_authority import DeviceAuthority
from shared.web.problems import Problem
from shared.web.routes.jobs import Running

CredentialId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
CODE_LENGTH = 12
AT_ONCE = 1_000  # passwords of a transaction

router = APIRouter(tags=["credentials"])


def _issues(router: APIRouter, kind: Kind) -> None:
    @router.post("/credentials", status_code=201)
    async def issue_many(change: Change, broker: Doors, body: ManyIn) -> ManyView:
        """A new password for each of up to 1,000 sources; those that can have none are named."""
        async with change() as unit:
            done = await handle.issue(unit, body.sources, kind, wall_now())
        broker.changed()
        return ManyView(
            credentials=[PasswordView.of(issued) for issued in done.issued.values()],
            left_out=[
                NotGiven(source=id_, kind=error.kind, detail=str(error))
                for id_, error in done.refused.items()
            ],
        )

    @router.post("/{id}/credentials", status_code=201)
    async def issue(change: Change, broker: Doors, id_: Id) -> PasswordView:
        """A new password, shown once; the one before ends within two seconds."""
        async with change() as unit:
            done = await handle.issue(unit, [id_], kind, wall_now())
        broker.changed()
        for error in done.refused.values():
            raise error
        return PasswordView.of(done.issued[id_])

    @router.get("/{id}/credentials")
    async def look(read: Read, id_: Id) -> CredentialsView:
        """All that were issued, good or not, without their secrets."""
        async with read() as store:
            await store.reader.source(id_, kind)
            rows = await store.credentials.of(id_)
        return CredentialsView(items=[CredentialView.of(row) for row in rows])


def _ends(router: APIRouter, kind: Kind) -> None:
    @router.post("/{id}/credentials/revoke")
    async def revoke_all(change: Change, broker: Doors, id_: Id) -> RevokedView:
        """End all of them, a live connection included; for an app: sign-out."""
        async with change() as unit:
            ended = await handle.revoke_all(unit, id_, kind)
        broker.changed()
        return RevokedView(revoked=ended)

    @router.post("/{id}/credentials/{credential}/revoke")
    async def revoke_one(
        change: Change, broker: Doors, id_: Id, credential: CredentialId
    ) -> RevokedView:
        """End one of several; the others stay good. 404: it has ended already."""
        async with change() as unit:
            await handle.revoke_one(unit, id_, kind, credential)
        broker.changed()
        return RevokedView(revoked=[credential])


def _certifies(router: APIRouter, kind: Kind) -> None:
    @router.post("/{id}/certificates", status_code=201)
    async def certify(change: Change, broker: Doors, id_: Id, body: RequestIn) -> CertificateView:
        """Sign a client certificate for a year; earlier ones stay good until they are revoked."""
        authority, signed_at = broker.authority, wall_now()
        if authority is None:
            raise NoAuthority

        def sign() -> tuple[str, str, datetime]:
            return _signed(authority, id_, body.csr, signed_at)

        async with change() as unit:
            credential, pem = await handle.certify(unit, id_, kind, sign, signed_at)
        broker.changed()
        return CertificateView.of(credential, pem, authority.ca_pem)


for _kind in ("device", "app"):
    _of_kind = APIRouter(prefix=f"/v1/{_kind}s")
    _issues(_of_kind, _kind)
    _ends(_of_kind, _kind)
    _certifies(_of_kind, _kind)
    router.include_router(_of_kind)


@router.post("/v1/devices/import/{job}/passwords", response_class=StreamingResponse)
async def issue_imported(change: Change, broker: Doors, jobs: Running, job: JobId) -> Response:
    """A new password for each device that an import registered, as CSV: `id,password`, shown once.

    Asked for again it gives others, and those before end.
    """
    registered = list(jobs.find(job).made)

    async def lines() -> AsyncIterator[str]:
        yield "id,password\r\n"
        for begin in range(0, len(registered), AT_ONCE):
            async with change() as unit:
                done = await handle.issue(
                    unit, registered[begin : begin + AT_ONCE], "device", wall_now()
                )
            broker.changed()
            yield "".join(f"{id_},{issued.password}\r\n" for id_, issued in done.issued.items())

    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8")


@router.post("/v1/devices/{id}/claim-code", status_code=201)
async def give_code(change: Change, id_: Id) -> CodeView:
    """A one-time code with which a customer claims the device; an earlier one ends."""
    async with change() as unit:
        code, until = await handle.give_code(unit, id_, _draw, wall_now())
    return CodeView(code=code, expires_at=until)


@router.post("/v1/claims/code")
async def claim(change: Change, body: CodeIn) -> SourceView:
    """Claim the device that waits for this code. A code works once, also when it is refused."""
    async with change() as unit:
        id_ = await handle.use_code(unit, body.code, wall_now())
    async with change([id_]) as unit:
        done = await change_registry.claim(unit, [(id_, body.customer)], "device")
    return only(done, id_)


@router.get("/v1/broker/refused")
async def refused(broker: Doors) -> RefusalsView:
    """Whom the MQTT broker refused or ended, and why, as far as it tells."""
    monitor = broker.monitor
    if monitor is None:
        return RefusalsView(counts={}, unread=None, held={}, last=[])
    return RefusalsView(
        counts=dict(monitor.counts),
        unread=monitor.unread,
        held=dict(monitor.held),
        last=[RefusedView.of(refusal) for refusal in monitor.last],
    )


def _signed(
    authority: DeviceAuthority, id_: str, csr: str, at: datetime
) -> tuple[str, str, datetime]:
    """Certificate, serial and expiry. Raises Problem 422."""
    try:
        certificate = authority.certify(id_, csr.encode("utf-8"), at)
    except ValueError as error:
        raise Problem(422, "bad_csr", "This is no certificate signing request", str(error), field="body.csr") from None  # fmt: skip
    return certificate.certificate_pem, certificate.serial, certificate.expires_at


def _draw() -> str:
    return rules.code(secrets.randbelow(len(rules.CODE_LETTERS)) for _ in range(CODE_LENGTH))
