"""What the demo asks the running services, over HTTP as anybody would."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import asyncpg
import httpx

from shared.clock import monotonic
from tools.fleet.ledger import Key
from tools.fleet.ranges import Ranges
from tools.local.patient import Patient

DRAIN_S = 120.0
AT_ONCE = 16


class Asker:
    """Asks one service each, and puts into one what the tour shows."""

    def __init__(self, urls: Mapping[str, str], auth: httpx.Auth) -> None:
        self._urls = dict(urls)
        self._http = httpx.AsyncClient(trust_env=False, timeout=30, auth=auth, transport=Patient())

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, service: str, path: str, **query: Any) -> Any:
        """The JSON answer. Raises httpx.HTTPStatusError."""
        answer = await self._http.get(self._urls[service] + path, params=query)
        answer.raise_for_status()
        return answer.json()

    async def post(self, service: str, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to a change. Raises httpx.HTTPStatusError."""
        answer = await self._http.post(self._urls[service] + path, json=body)
        answer.raise_for_status()
        return answer.json()

    async def put(self, service: str, path: str, body: Mapping[str, Any]) -> None:
        """Set something. Raises httpx.HTTPStatusError."""
        (await self._http.put(self._urls[service] + path, json=body)).raise_for_status()

    async def pages(self, service: str, path: str, **query: Any) -> list[Any]:
        """All items of a keyset-paged list."""
        items: list[Any] = []
        after: str | None = None
        while True:
            more = {} if after is None else {"after": after}
            page = await self.get(service, path, limit=200, **query, **more)
            items += page["items"]
            after = page["next"]
            if after is None:
                return items

    async def ledgers(self, services: tuple[str, ...]) -> dict[str, dict[str, int]]:
        """Distinct sequenced ids counted, by service and topic."""
        answers = await asyncio.gather(*(self.get(service, "/v1/ledger") for service in services))
        return dict(zip(services, answers, strict=True))

    async def drained(
        self, wanted: Mapping[str, Mapping[str, int]], until: datetime
    ) -> dict[str, dict[str, int]]:
        """Wait until the services have counted all that Kafka holds and their clocks are there.

        Args:
            wanted: distinct ids by service and topic.
            until: simulated time every service's clock has to reach.
        Returns: what they have counted, whether that is all or not, after two minutes without.
        """
        services = tuple(wanted)
        began = monotonic()
        while True:
            counted = await self.ledgers(services)
            there = all([await self.clock(service) >= until for service in services])
            complete = all(
                counted[service].get(topic, 0) >= count
                for service in services
                for topic, count in wanted[service].items()
            )
            if (there and complete) or monotonic() - began > DRAIN_S:
                return counted
            await asyncio.sleep(0.25)

    async def clock(self, service: str) -> datetime:
        """The time a service lives in. Raises httpx.HTTPError."""
        answer = await self._http.get(self._urls[service] + "/readyz")  # 503 tells it as well
        return datetime.fromisoformat(answer.json()["facts"]["now"])

    async def reporting_days(self, before: Mapping[str, date]) -> dict[str, int]:
        """Days with reports that analytics knows of each customer before a date."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(customer: str) -> int:
            async with gate:
                days = await self.get("analytics", f"/v1/customers/{customer}/days", last=400)
            limit = before[customer].isoformat()
            return sum(1 for day in days if day["reported"] and day["day"] < limit)

        answers = await asyncio.gather(*(one(customer) for customer in before))
        return dict(zip(before, answers, strict=True))


async def ledger_ids(database_url: str) -> dict[str, dict[Key, Ranges]]:
    """Every id a service has counted, by stream: read only where counts differ."""
    connection = await asyncpg.connect(database_url.replace("+asyncpg", ""))
    try:
        rows = await connection.fetch(
            """SELECT source, stream, boot, lower(r) AS first, upper(r) - 1 AS last
            FROM ledger, LATERAL unnest(seqs) AS r"""
        )
    finally:
        await connection.close()
    ranges: dict[str, dict[Key, Ranges]] = {}
    for source, stream, boot, first, last in rows:
        ranges.setdefault(stream, {}).setdefault((source, stream, boot), Ranges()).add(first, last)
    return ranges
