"""Nonsense over HTTP, along the routes each service says it has."""

import asyncio
import json
import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from tools.faults.rig import Rig
from tools.fuzz.strange import CLOCKS, NUMBERS, TEXTS

SERVICES = ("ingest", "journey", "support", "analytics", "console")
TAKES_AWAY = re.compile(r"retire|erase|revoke|move|credentials|quarantine|erasures|keys|accounts")
PAUSE_S = 0.02


class People:
    """Sends to every service in turn until told to end.

    Attributes:
        sent: how many requests were answered.
        broken: (request, answer) of every 5xx and every answer that never came.
    """

    def __init__(self, rig: Rig, rng: random.Random) -> None:
        self.sent = 0
        self.broken: list[str] = []
        self._rig, self._rng = rig, rng

    async def run(self) -> None:
        """One request after another."""
        async with (
            self._rig.client() as known,
            httpx.AsyncClient(
                trust_env=False,
                timeout=30,
                verify=False,  # noqa: S501 - a stranger on loopback
            ) as stranger,
        ):
            routes = [route async for route in self._routes(known)]
            while True:
                service, verb, path = self._rng.choice(routes)
                who = stranger if self._rng.random() < 0.2 else known
                await self._one(who, service, verb, path)
                await asyncio.sleep(PAUSE_S)

    async def _routes(self, known: httpx.AsyncClient) -> Any:
        for service in SERVICES:
            url = self._rig.urls[service]
            paths = (await known.get(f"{url}/openapi.json")).json()["paths"]
            for path, verbs in paths.items():
                for verb in verbs:
                    if verb == "get" or not TAKES_AWAY.search(path):
                        yield service, verb.upper(), path

    async def _one(self, who: httpx.AsyncClient, service: str, verb: str, path: str) -> None:
        rng = self._rng
        filled = re.sub(r"{[^}]*}", lambda _: quote(rng.choice(TEXTS)[:200] or "x", safe=""), path)
        query = {f"q{n}": rng.choice(TEXTS)[:500] for n in range(rng.choice((0, 0, 1, 30)))}
        query |= {name: self._word() for name in rng.sample(("limit", "after", "at", "source"), 2)}
        headers = {"content-type": "application/json", "idempotency-key": f"fuzz-{rng.random()}"}
        headers["connection"] = "close"  # a kept one may be closed in the moment of its next use
        if rng.random() < 0.3:
            headers["if-match"] = rng.choice(('"1"', "*", 'W/"1"', '"a", "b"', "x", '"'))
        body = self._body() if verb != "GET" else None
        request = f"{verb} {service} {filled} {query} {body[:300] if body else body!r}"
        try:
            answer = await who.request(
                verb, self._rig.urls[service] + filled, params=query, content=body, headers=headers
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.broken.append(f"{request}: {type(error).__name__}")
            return
        self.sent += 1
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            self.broken.append(f"{request}: {answer.status_code} {answer.text[:200]}")

    def _word(self) -> str:
        return self._rng.choice((*CLOCKS, *NUMBERS, *TEXTS))[:500]

    def _body(self) -> bytes:
        rng = self._rng
        names = ("id", "customer", "model", "name", "at", "zone", "status", "plan", "price", "text")
        fields = [
            f"{json.dumps(rng.choice(names))}:{next(self._values())}"
            for _ in range(rng.choice((0, 1, 3, 8)))
        ]
        return ("{" + ",".join(fields) + "}").encode("utf-8", "replace")

    def _values(self) -> Iterator[str]:
        rng = self._rng
        while True:
            yield rng.choice(
                (json.dumps(rng.choice(TEXTS)), rng.choice(NUMBERS), json.dumps(rng.choice(CLOCKS)))
            )
