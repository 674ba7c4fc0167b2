"""An installation as people see it: its routes, its pages of health, what `status` says."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from shared.clock import monotonic
from tools.installation import Installation
from tools.local import certificates
from tools.local.auth import Operator
from tools.screens import status as screen

TRY_LATER = 503  # "send the same request again"
PATIENCE_S = 30.0
ANSWER_S = 180.0  # a replay of many records, on a machine that is busy


class Seen:
    """What is asked over HTTP.

    Attributes:
        urls: of the services, by name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.urls: dict[str, str] = {}

    async def ready(self, url: str, path: str = "/readyz") -> tuple[int, Mapping[str, str]]:
        """Status of a page of health and what it waits for; 0 where nobody answers."""
        trusted = certificates.of(self.folder).context()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10, verify=trusted) as http:
                answer = await http.get(url + path)
                return answer.status_code, answer.json().get("waiting") or {}
        except (httpx.HTTPError, ValueError):
            return 0, {}

    async def complaints(self) -> list[str]:
        """What `./playcaller status` says needs somebody."""
        try:
            async with asyncio.timeout(40):
                return (await screen.look(Installation(self.folder))).complaints
        except TimeoutError:
            return ["status does not answer"]

    def client(self) -> httpx.AsyncClient:
        """A client that may do everything."""
        return httpx.AsyncClient(
            trust_env=False,
            timeout=ANSWER_S,
            auth=Operator(self.folder),
            verify=certificates.of(self.folder).context(),
        )

    async def post(self, service: str, path: str, body: object = None, url: str = "") -> Any:
        """POST and return the answer, again where it says so. Raises AssertionError at a refusal."""
        began = monotonic()
        async with self.client() as http:
            while True:
                answer = await http.post((url or self.urls[service]) + path, json=body)
                if answer.status_code != TRY_LATER or monotonic() - began > PATIENCE_S:
                    break
                await asyncio.sleep(0.5)
        if not answer.is_success:
            raise AssertionError(f"POST {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    async def get(self, service: str, path: str) -> Any:
        """GET and return the answer."""
        async with self.client() as http:
            return (await http.get(self.urls[service] + path)).json()
