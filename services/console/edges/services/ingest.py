"""Ingest: the registry of devices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from services.console.edges.services.answers import FILE_S, Found
from services.console.edges.services.client import Client

PASSWORDS_S = 300.0  # 100,000 of them are drawn and stored while it waits
Kind = Literal["device", "app"]
Act = Literal["claim", "move", "retire", "credentials/revoke"]


class Owner(msgspec.Struct, frozen=True):
    """A span of ownership; `until` None: still."""

    customer: str
    since: datetime = msgspec.field(name="from")
    until: datetime | None = msgspec.field(name="to", default=None)


class Device(msgspec.Struct, frozen=True):
    """A device as the registry knows it."""

    id: str
    model: str | None
    firmware: str | None
    status: Literal["registered", "claimed", "retired"]
    last_seen: datetime | None
    customer: str | None = None
    owners: list[Owner] = []


class Model(msgspec.Struct, frozen=True):
    """Devices of one model and firmware: in all, in use, of these silent for a day, ever heard."""

    model: str | None
    firmware: str | None
    sources: int
    in_use: int
    silent: int
    heard: int = 0


class Boot(msgspec.Struct, frozen=True):
    """A counter of the source, begun anew whenever it was lost."""

    boot: str
    first_seen: datetime
    last_seen: datetime


class Ran(msgspec.Struct, frozen=True):
    """A firmware, and since when the device ran it."""

    firmware: str
    since: datetime


class Whole(Device, frozen=True):
    """A device or an app with its owners, counters and what it ran."""

    battery: bool = False
    registered_at: datetime | None = None
    boots: list[Boot] | None = None
    firmware_history: list[Ran] | None = None


class Credential(msgspec.Struct, frozen=True):
    """A credential without its secret."""

    id: str
    kind: Literal["password", "certificate"]
    issued_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Credentials(msgspec.Struct, frozen=True):
    """A source's credentials, newest first."""

    items: list[Credential]


class Password(msgspec.Struct, frozen=True):
    """A password, shown this once."""

    username: str
    password: str


class RefusedSource(msgspec.Struct, frozen=True):
    """A source of which something was refused."""

    source: str
    refused: int
    reasons: list[str]
    last_at: datetime


class Reject(msgspec.Struct, frozen=True):
    """Something that was refused."""

    id: str
    source: str
    stream: str
    reason: str
    detail: str
    size: int
    elements: int
    times: int
    received_at: datetime
    cured_at: datetime | None = None
    emptied_at: datetime | None = None


class RejectBytes(Reject, frozen=True):
    """A reject with its bytes as text, and what its reason means."""

    payload_text: str = ""
    sentence: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A client that the broker turned away, in the broker's own words."""

    at: datetime
    reason: str
    line: str
    client: str | None = None


class Broker(msgspec.Struct, frozen=True):
    """What the broker refused since ingest started, and what it holds."""

    counts: dict[str, int]
    held: dict[str, int]
    last: list[Refused]
    unread: int | None = None


class Ingest(Client):
    """What pages ask ingest."""

    async def devices_called(self, beginning: str, most: int) -> list[Device]:
        """Which devices' ids begin so?"""
        answer = await self._read(
            Found[Device], "/v1/devices", params={"beginning": beginning, "limit": most}
        )
        return answer.items

    async def models(self, kind: str = "device") -> list[Model]:
        """Which models and firmware are there, the most first?"""
        return await self._read(list[Model], "/v1/models", params={"kind": kind})

    async def devices_of(self, customer: str, most: int) -> Found[Device]:
        """Which devices are a customer's?"""
        return await self._read(
            Found[Device], "/v1/devices", params={"customer": customer, "limit": most}
        )

    async def rejects_by_reason(self) -> dict[str, int]:
        """How much was refused and not taken since, by reason?"""
        return await self._read(dict[str, int], "/v1/rejects/summary")

    async def rejects_by_source(self) -> list[RefusedSource]:
        """Whose events were refused, the most first?"""
        return await self._read(list[RefusedSource], "/v1/rejects/sources")

    async def rejects(self, wanted: Mapping[str, str | None]) -> Found[Reject]:
        """What was refused, the newest first?"""
        return await self._read(Found[Reject], "/v1/rejects", params=wanted)

    async def reject(self, id_: str) -> RejectBytes | None:
        """What was refused there, with its bytes? None: it is not kept any more."""
        return await self._known(RejectBytes, "/v1/rejects/{}", id_)

    async def broker(self) -> Broker:
        """Whom has the broker turned away, and what does it hold?"""
        return await self._read(Broker, "/v1/broker/refused")

    async def sources(self, kind: Kind, wanted: Mapping[str, str]) -> Found[Device]:
        """Which devices, or apps, are as the filters ask?"""
        return await self._read(Found[Device], f"/v1/{kind}s", params=wanted)

    async def source(self, kind: Kind, id_: str) -> Whole | None:
        """What is there to know of one? None: nothing has this id."""
        return await self._known(Whole, f"/v1/{kind}s/{{}}", id_)

    async def credentials(self, kind: Kind, id_: str) -> list[Credential]:
        """What was it given to prove itself with?"""
        issued = await self._known(Credentials, f"/v1/{kind}s/{{}}/credentials", id_)
        return [] if issued is None else issued.items

    async def register(self, kind: Kind, body: Mapping[str, object]) -> None:
        """Put one into the registry."""
        await self._post(f"/v1/{kind}s", body=body)

    async def import_devices(self, csv: bytes) -> None:
        """Register those of a file, as a job; nothing where one line is wrong."""
        params = {"whole": "true"}
        await self._send("POST", "/v1/devices/import", csv=csv, params=params, deadline_s=FILE_S)

    async def cancel_import(self, job: str) -> None:
        """End an import before it is done."""
        await self._post("/v1/devices/import/{}/cancel", job)

    async def passwords(self, job: str) -> bytes:
        """New passwords of all that an import registered, as a file; those before end."""
        answer = await self._post("/v1/devices/import/{}/passwords", job, deadline_s=PASSWORDS_S)
        return answer.content

    async def act(self, kind: Kind, id_: str, act: Act, body: Mapping[str, object]) -> None:
        """Change who owns it, take it out of use, or end what it proves itself with."""
        await self._post(f"/v1/{kind}s/{{}}/{act}", id_, body=body)

    async def password(self, kind: Kind, id_: str) -> Password:
        """A new password; the one before ends."""
        return (await self._post(f"/v1/{kind}s/{{}}/credentials", id_, body={})).read(Password)
