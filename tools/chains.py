"""Walk every service's audit, and keep its head where whoever owns the database cannot change it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tools.local import certificates
from tools.local.auth import Operator, write_private
from tools.local.errors import LocalError

TIMEOUT_S = 60.0  # 100,000 rows a request take 3 s


@dataclass(frozen=True)
class Head:
    """The last row of a chain that is right."""

    n: int
    hash: str


@dataclass(frozen=True)
class Chain:
    """What a walk along one service's audit found.

    Attributes:
        noted: the head that was kept, through which the chain had to go; None: none was.
        broken: number and kind of the first fault; None: the chain is whole.
    """

    head: Head
    noted: Head | None
    broken: tuple[int, str] | None


def read(path: Path) -> dict[str, Head]:
    """The heads that were kept; none where there is no file. Raises LocalError: it is no such file."""
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text("utf-8"))
        return {service: Head(int(head["n"]), str(head["hash"])) for service, head in kept.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LocalError(f"{path} holds no heads ({type(error).__name__})") from None


def write(path: Path, chains: Mapping[str, Chain]) -> None:
    """Keep the heads, in place of those before."""
    heads = {service: vars(chain.head) for service, chain in sorted(chains.items())}
    write_private(path, json.dumps(heads, indent=2) + "\n")


async def walk(http: httpx.AsyncClient, url: str, noted: Head | None) -> Chain:
    """Verify one service's audit from its first row to its last. Raises LocalError: no answer."""
    query: dict[str, Any] = {}
    if noted is not None and noted.n > 0:
        query = {"noted_n": noted.n, "noted_hash": noted.hash}
    while True:
        try:
            answer = await http.get(f"{url}/v1/audit/verify", params=query)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise LocalError(f"{url} does not answer: {type(error).__name__}") from None
        body = answer.json()
        if body["next"] is None:
            broken = body["broken"]
            fault = None if broken is None else (int(broken["n"]), str(broken["why"]))
            return Chain(Head(body["n"], body["hash"]), noted, fault)
        query["after"] = body["next"]


async def walk_installation(
    folder: Path, urls: Mapping[str, str], noted: Mapping[str, Head]
) -> dict[str, Chain]:
    """Verify the audits of what runs in a folder, as its operator."""
    async with httpx.AsyncClient(
        trust_env=False,
        timeout=TIMEOUT_S,
        auth=Operator(folder, "oncall"),
        verify=certificates.of(folder).context(),
    ) as http:
        return await walk_all(http, urls, noted)


async def walk_all(
    http: httpx.AsyncClient, urls: Mapping[str, str], noted: Mapping[str, Head]
) -> dict[str, Chain]:
    """Verify all services at once."""
    async with asyncio.TaskGroup() as group:
        walking = {
            service: group.create_task(walk(http, url, noted.get(service)))
            for service, url in urls.items()
        }
    return {service: task.result() for service, task in walking.items()}


def said(service: str, chain: Chain) -> str:
    """One line for a terminal."""
    where = f"{service:<10} {chain.head.n:>9,} rows  "
    if chain.broken is not None:
        n, why = chain.broken
        return f"{where}BROKEN at {n:,}: {why.replace('_', ' ')}"
    kept = ""
    if chain.noted is not None and chain.noted.n > 0:
        kept = f", through the head kept at {chain.noted.n:,}"
    return f"{where}whole{kept}; head {chain.head.hash[:16]}…"
