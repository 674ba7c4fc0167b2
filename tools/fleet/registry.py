"""The vendor's work over HTTP: ingest's registry and journey's customers."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import httpx

from shared.clock import monotonic
from tools.fleet.delivery import SourceKind
from tools.fleet.errors import NotInTime, RegistryRefused
from tools.fleet.vendor import (
    APP_COLUMNS,
    CUSTOMER_COLUMNS,
    DEVICE_COLUMNS,
    PRODUCT_COLUMNS,
    Work,
    claims_body,
    renewals_body,
    table,
)
from tools.local.patient import Patient

CLAIMS_AT_ONCE = 5_000  # the most that ingest takes in one transaction
JOB_S = 120.0  # an import of a thousand rows takes a second or two
CLOCK_S = 60.0
FIRST_LOOK_S = 0.03  # most are done by then: every look costs both sides a millisecond or two


class Office(Protocol):
    """Whoever does the vendor's work."""

    async def do(self, work: Work) -> None:
        """Import, claim, renew."""

    async def retire(self, device: str) -> None:
        """End a device."""

    async def credentials(self, kind: SourceKind, names: list[str]) -> dict[str, str]:
        """A new password for each; those that can have none are left out."""

    async def wait_for_clocks(self, until: datetime) -> None:
        """Wait until simulated time has begun everywhere."""

    async def clocks(self) -> dict[str, datetime | None]:
        """How far the services are."""

    async def close(self) -> None:
        """Disconnect."""


class Registry:
    """Speaks to ingest and journey; every call raises RegistryRefused when it is not accepted."""

    def __init__(self, ingest: str, journey: str, auth: httpx.Auth | None = None) -> None:
        """A vendor's backend that has done nothing yet.

        Args:
            ingest, journey: base URLs, e.g. `http://127.0.0.1:8081`.
            auth: signs in as the vendor's backend.
        """
        self._ingest = httpx.AsyncClient(
            base_url=ingest, timeout=60, trust_env=False, auth=auth, transport=Patient()
        )
        self._journey = httpx.AsyncClient(
            base_url=journey, timeout=60, trust_env=False, auth=auth, transport=Patient()
        )

    async def do(self, work: Work) -> None:
        """A day's work but the retirements: what is sold, customers and sources, then what joins them."""
        if work.products:
            await self._post(
                self._journey, "/v1/products/import",
                content=table(PRODUCT_COLUMNS, work.products), headers={"content-type": "text/csv"},
            )  # fmt: skip
        await asyncio.gather(
            self._import(self._journey, "/v1/customers/import", CUSTOMER_COLUMNS, work.customers),
            self._import(self._ingest, "/v1/devices/import", DEVICE_COLUMNS, work.devices),
        )
        await self._import(self._ingest, "/v1/apps/import", APP_COLUMNS, work.apps)
        for first in range(0, len(work.claims), CLAIMS_AT_ONCE):
            part = work.claims[first : first + CLAIMS_AT_ONCE]
            await self._post(self._ingest, "/v1/claims", json=claims_body(part))
        if work.renewals:
            await self._post(self._journey, "/v1/renewals", json=renewals_body(work.renewals))

    async def retire(self, device: str) -> None:
        """The device may not speak any more."""
        await self._post(self._ingest, f"/v1/devices/{device}/retire")

    async def credentials(self, kind: SourceKind, names: list[str]) -> dict[str, str]:
        """A new password for each; the broker takes them a second later."""
        body = await self._post(self._ingest, f"/v1/{kind}/credentials", json={"sources": names})
        return {
            credential["username"]: credential["password"] for credential in body["credentials"]
        }

    async def wait_for_clocks(self, until: datetime) -> None:
        """Wait until both services' stream clocks have begun, at or before `until`.

        Raises NotInTime, also when a service runs on the wall clock.
        """
        await asyncio.gather(
            *(self._wait_for_clock(client, until) for client in (self._ingest, self._journey))
        )

    async def clocks(self) -> dict[str, datetime | None]:
        """How far each service's stream clock is; None: on the wall clock, or not started."""
        return {
            "ingest": (await self._clock(self._ingest))[1],
            "journey": (await self._clock(self._journey))[1],
        }

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(self._ingest.aclose(), self._journey.aclose())

    async def _import(
        self, client: httpx.AsyncClient, path: str, columns: Sequence[str], rows: list[Any]
    ) -> None:
        if not rows:
            return
        job = await self._post(
            client, path, content=table(columns, rows), headers={"content-type": "text/csv"}
        )
        await self._finish(client, path, _job_id(job))

    async def _finish(self, client: httpx.AsyncClient, what: str, job: str) -> None:
        wait_s, deadline = FIRST_LOOK_S, monotonic() + JOB_S
        while True:
            answer = await client.get(f"/v1/jobs/{job}")
            if answer.status_code != httpx.codes.OK:
                raise RegistryRefused(what, answer.status_code, answer.text)
            body = answer.json()
            if body["state"] != "running":
                break
            if monotonic() > deadline:
                raise NotInTime(f"{what}: job {job} is not done after {JOB_S:.0f} s")
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 0.25)
        if body.get("errors") or body.get("problem"):
            told = str(body.get("problem") or body["errors"][:3])
            raise RegistryRefused(what, answer.status_code, told)

    async def _post(self, client: httpx.AsyncClient, path: str, **sent: Any) -> Any:
        answer = await client.post(path, **sent)
        if answer.is_error:
            raise RegistryRefused(f"POST {path}", answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def _wait_for_clock(self, client: httpx.AsyncClient, until: datetime) -> None:
        deadline, kind = monotonic() + CLOCK_S, "unknown"
        while monotonic() < deadline:
            kind, now = await self._clock(client)
            if now is not None and now <= until:
                return
            if kind == "wall":
                break
            await asyncio.sleep(0.05)
        raise NotInTime(
            f"{client.base_url} does not follow simulated time (its clock: {kind}): a history needs "
            "services with CLOCK=stream; `fleet run --wall` lives without one"
        )

    async def _clock(self, client: httpx.AsyncClient) -> tuple[str, datetime | None]:
        try:
            answer = await client.get("/readyz")
        except httpx.TransportError:
            return "no answer", None
        facts = answer.json().get("facts", {})
        kind = facts.get("clock", "unknown")
        if kind != "stream" or "now" not in facts:
            return kind, None
        return kind, datetime.fromisoformat(facts["now"])


def _job_id(body: Any) -> str:
    job = body["job"]
    return str(job["id"] if isinstance(job, dict) else job)
