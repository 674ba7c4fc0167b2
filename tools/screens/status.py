"""Is everything healthy? Servers, services and topics, in one look."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from shared.clock import wall_now
from tools.folder import DEFAULT_FOLDER
from tools.installation import Installation, NotRunning
from tools.local import certificates
from tools.local.auth import Operator
from tools.local.server import Server
from tools.local.services import ServiceProcess
from tools.screens import needs
from tools.screens.advice import Where
from tools.screens.part import Part
from tools.screens.screen import cell, shown
from tools.supervisor import begin as supervisor
from tools.supervisor import record
from tools.supervisor.deaths import is_told, needs_somebody, said

COLOURS = {"OK": "green", "BEHIND": "yellow", "up": "green"}
ASK_S = 15  # a first look at all topics asks Kafka several times


@dataclass(frozen=True)
class State:
    """All parts, and what the services say about each topic and group."""

    parts: list[Part]
    topics: list[dict[str, Any]]
    complaints: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # worth knowing; nobody has to do anything

    @property
    def healthy(self) -> bool:
        """Nothing needs anybody."""
        return not self.complaints

    def to_json(self) -> str:
        """Return all of it for programs."""
        return json.dumps({"healthy": self.healthy, **asdict(self)}, indent=2)


async def look(here: Installation) -> State:
    """Ask every server and service. Raises NotRunning when nothing runs at all."""
    pids = here.pids()
    if not pids:
        raise NotRunning(here.folder)
    services = here.services().all
    memory = await asyncio.to_thread(here.memory_mb)
    async with httpx.AsyncClient(
        trust_env=False,
        timeout=ASK_S,
        auth=Operator(here.folder, "oncall"),
        verify=certificates.of(here.folder).context(),
    ) as client:
        parts = await asyncio.gather(
            *(_server(server, memory) for server in here.servers.wanted),
            *(_service(service, memory, client) for service in services.values()),
        )
        urls = {name: service.url for name, service in services.items() if service.find()}
        answers, aside, broker, facts = await asyncio.gather(
            asyncio.gather(*(_topics(client, url) for url in urls.values())),
            _quarantine(client, urls),
            _ask(client, urls, "ingest", "/v1/broker/refused"),
            _facts(client, urls),
        )
    topics = merge(dict(zip(urls, answers, strict=True)))
    now, deaths = wall_now(), record.read(here.folder)
    dying = [
        said(name, deaths_of_name, now)
        for name, deaths_of_name in deaths.items()
        if needs_somebody(deaths_of_name, now)
    ]
    notes = [
        said(n, deaths_of_name, now)
        for n, deaths_of_name in deaths.items()
        if is_told(deaths_of_name, now)
    ]
    parts = [*parts, *_supervisor(here, memory)]
    where = _where(here, parts)
    return State(
        parts,
        topics,
        [
            *needs.complaints(parts, topics, aside, now, where),
            *needs.unknown_effects(facts),
            *dying,
        ],
        [
            *(note for note in notes if note not in dying),
            *needs.broker(broker or {}),
            *needs.waiting_effects(facts),
            *needs.fragmented(facts),
        ],
    )


def merge(answers: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Take each group's line from its own service, which alone knows its quarantine.

    Lines of a group whose service is away come from any other that answered; refusals are
    ingest's to tell.
    """
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    refused = {line["topic"]: line["rejects"] for line in answers.get("ingest", [])}
    for service, lines in answers.items():
        for line in lines:
            key = (line["topic"], line["group"] or "")
            if line["group"] == service or key not in chosen:
                chosen[key] = {**line, "rejects": refused.get(line["topic"])}
    return [chosen[key] for key in sorted(chosen)]


def draw(state: State, out: Console) -> None:
    """Print all of it, what needs somebody last."""
    parts = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("", "state", "address", "pid", "MB"):
        parts.add_column(column, justify="right" if column in {"pid", "MB"} else "left")
    for part in state.parts:
        state_text = f"[{COLOURS.get(part.state, 'red')}]{cell(part.state)}[/]"
        memory = "" if part.memory_mb is None else f"{part.memory_mb:.0f}"
        parts.add_row(part.name, state_text, part.address, str(part.pid or ""), memory)
    out.print(parts)
    if state.topics:
        out.print()
        out.print(_topic_table(state.topics))
    out.print()
    for sentence in state.complaints:
        out.print(f"! {sentence}", style="red", markup=False, soft_wrap=True)
    for sentence in state.notes:
        out.print(f"- {sentence}", style="yellow", markup=False, soft_wrap=True)
    if state.healthy:
        out.print("All is well.", style="green")


def _topic_table(topics: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for column in ("topic", "group", "state"):
        table.add_column(column, no_wrap=True)
    for column in ("lag", "lag s", "progress", "members", "rejects", "quarantine"):
        table.add_column(column, justify="right", no_wrap=True)
    for line in topics:
        table.add_row(
            cell(line["topic"]),
            cell(line["group"] or "-"),
            f"[{COLOURS.get(line['state'], 'red')}]{cell(line['state'])}[/]",
            *(_number(line[name]) for name in ("lag_messages", "lag_seconds")),
            cell(line["last_progress"][11:19]) if line["last_progress"] else "-",
            *(_number(line[name]) for name in ("members", "rejects", "quarantine")),
        )
    return table


def _number(value: float | str | None) -> str:
    if value is None:
        return "-"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _supervisor(here: Installation, memory: Mapping[str, float]) -> list[Part]:
    """Who starts again what dies; none where `up` did not start the system."""
    who, name = supervisor.find(here.folder), supervisor.NAME
    if who is not None:
        return [Part(name, "up", "", who.pid, memory.get(name))]
    if supervisor.record_of(here.folder).exists():
        return [Part(name, "down: nobody starts again what dies until `./playcaller up`")]
    return []


def _where(here: Installation, parts: Sequence[Part]) -> Where:
    """Which folder advice must name, and whether anybody starts again what ends."""
    watched = any(part.name == supervisor.NAME and part.healthy for part in parts)
    usual, near = here.folder == DEFAULT_FOLDER.absolute(), here.folder.parent == Path.cwd()
    return Where(watched, "" if usual else here.folder.name if near else str(here.folder))


async def _server(server: Server, memory: Mapping[str, float]) -> Part:
    who = server.find()
    if who is None:
        return Part(server.name, "down")
    healthy = await server.is_healthy(who.ports)
    state = "up" if healthy else "runs, but does not answer"
    return Part(server.name, state, f"127.0.0.1:{who.ports[0]}", who.pid, memory.get(server.name))


async def _service(
    service: ServiceProcess, memory: Mapping[str, float], client: httpx.AsyncClient
) -> Part:
    who = service.find()
    if who is None:
        return Part(service.name, "down")
    address = service.url
    state = await _readiness(client, address)
    return Part(service.name, state, address, who.pid, memory.get(service.name))


async def _readiness(client: httpx.AsyncClient, address: str) -> str:
    """Return `up`, or what the service waits for in its own words."""
    try:
        answer = await client.get(f"{address}/readyz")
        if answer.status_code == httpx.codes.OK:
            return "up"
        waits = shown(answer.json()).get("waiting") or {"": "not ready"}
        return "; ".join(str(sentence) for sentence in waits.values())
    except (httpx.HTTPError, ValueError, AttributeError):
        return "runs, but does not answer"


async def _quarantine(client: httpx.AsyncClient, urls: Mapping[str, str]) -> needs.Groups:
    """What each service that consumes has set aside."""
    names = [name for name in urls if name != "console"]
    told = await asyncio.gather(*(_ask(client, urls, n, "/v1/quarantine?limit=1") for n in names))
    return {n: answer.get("groups", []) for n, answer in zip(names, told, strict=True) if answer}


async def _facts(client: httpx.AsyncClient, urls: Mapping[str, str]) -> needs.Facts:
    """What each service that is ready tells of itself."""
    told = await asyncio.gather(*(_ask(client, urls, name, "/readyz") for name in urls))
    return {n: answer.get("facts", {}) for n, answer in zip(urls, told, strict=True) if answer}


async def _ask(
    client: httpx.AsyncClient, urls: Mapping[str, str], service: str, path: str
) -> dict[str, Any] | None:
    """The answer; None where there is none."""
    try:
        answer = await client.get(urls[service] + path)
        return dict(shown(answer.json())) if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError, KeyError):
        return None


async def _topics(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    try:
        answer = await client.get(f"{address}/v1/topics")
        answer.raise_for_status()
        return list(shown(answer.json())["topics"])
    except (httpx.HTTPError, ValueError, KeyError):
        return []
