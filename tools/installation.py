"""The whole system of one folder, run in the background for work."""

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.local.endpoints import Endpoints
from tools.local.errors import LocalError
from tools.local.memory import by_name, pss_bytes
from tools.local.server import Server
from tools.local.servers import Servers
from tools.local.services import CONSOLE, Services
from tools.screens.say import Progress
from tools.supervisor import begin as supervisor
from tools.supervisor import record


class NotRunning(LocalError):
    """A command needs the running system."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Playcaller does not run in {folder}. Start it with:  ./playcaller up\n"
            "(or name another folder with --folder)"
        )


class Installation:
    """Servers and services of one folder. They outlive the command that starts them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.servers = Servers(self.folder)
        self.admin_link: str | None = None  # after `up`, where there is no admin yet

    @property
    def endpoints_file(self) -> Path:
        """Where the addresses are written."""
        return self.folder / "endpoints.json"

    def services(self, endpoints: Endpoints | None = None) -> Services:
        """Return the services; without `endpoints` only to find or stop them."""
        return Services(self.folder, endpoints, admin_link=endpoints is not None)

    async def up(self, progress: Progress) -> list[Server]:
        """Start what does not run; return all of it when it is ready and the addresses are written."""
        with progress.part("PostgreSQL, Kafka, mosquitto and the mail catcher"):
            endpoints = await self.servers.start()
        services = self.services(endpoints)
        with progress.part("topics and databases"):
            await services.prepare()
        with progress.part("ingest, journey, support, analytics and console"):
            urls = await services.start()
        self.admin_link = services.admin_link
        write_endpoints(self.endpoints_file, endpoints, urls, services[CONSOLE].address)
        return [*self.servers.wanted, *services.all.values()]

    async def down(self, progress: Progress) -> None:
        """Stop who watches over them, the services, then the servers."""
        await supervisor.end(self.folder)
        with progress.part("services stopped"):
            await self.services().stop()
        with progress.part("servers stopped"):
            await self.servers.stop()
        self.endpoints_file.unlink(missing_ok=True)
        record.path_of(self.folder).unlink(missing_ok=True)

    async def reset(self, progress: Progress) -> None:
        """Stop everything and delete its data and logs."""
        await self.down(progress)
        self.servers.erase()
        shutil.rmtree(self.folder / "logs", ignore_errors=True)

    async def migrate(self, progress: Progress) -> None:
        """Migrate all databases and make the topics."""
        if not self.servers.pids():
            raise NotRunning(self.folder)
        with progress.part("topics and databases"):
            await self.services(await self.servers.endpoints()).prepare()

    async def reapply_erasures(self, services: Sequence[str]) -> int:
        """Erase in these whoever is erased anywhere; returns how many. Raises NotRunning."""
        from tools.local.erasures import reapply  # Kafka's client: start-up time of other commands

        if not self.servers.pids():
            raise NotRunning(self.folder)
        endpoints = await self.servers.endpoints()
        bootstrap = endpoints.kafka_bootstrap_servers
        return len(await reapply(self.services(endpoints), bootstrap, services))

    async def entry_link(self, role: str, organisation: str) -> str:
        """A link that signs somebody of a role in once. Raises NotRunning."""
        services = self.services(await self.servers.endpoints())
        if services[CONSOLE].find() is None:
            raise NotRunning(self.folder)
        return (await services.entry_links(role, organisation=organisation))[0]

    def kafka(self) -> str:
        """Return the address of the running Kafka. Raises NotRunning."""
        if self.servers.kafka.find() is None:
            raise NotRunning(self.folder)
        return self.servers.kafka.bootstrap

    def pids(self) -> dict[str, int]:
        """Return the process ids of all that runs, by name."""
        watcher = supervisor.find(self.folder)
        own = {} if watcher is None else {supervisor.NAME: watcher.pid}
        return {**own, **self.servers.pids(), **self.services().pids()}

    def memory_mb(self) -> dict[str, float]:
        """Return the memory (PSS) of all that runs, by name."""
        pids = self.pids()
        watcher = pids.pop(supervisor.NAME, None)  # all others are its children
        sizes = by_name(pids)
        if watcher is not None:
            sizes[supervisor.NAME] = pss_bytes(watcher)
        return {name: round(size / 2**20, 1) for name, size in sizes.items()}


def write_endpoints(
    path: Path, endpoints: Endpoints, urls: Mapping[str, str], console: str | None = None
) -> None:
    """Write the addresses for people and programs; it holds passwords, so only for its owner."""
    content = {
        "http": dict(urls),
        "console": console,
        "mqtt": endpoints.mqtt_url,
        "mqtt_certificates": endpoints.mqtt_certificate_url,
        "mqtt_websockets": endpoints.mqtt_websocket_url,
        "mqtt_ca": str(path.parent.absolute() / "run" / "pki" / "ca.pem"),
        "kafka": endpoints.kafka_bootstrap_servers,
        "smtp": endpoints.smtp_url,
        "postgresql": {
            name: url.replace("+asyncpg", "") for name, url in endpoints.database_urls.items()
        },
    }
    half = path.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        half.unlink()
    half.touch(mode=0o600)
    half.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    half.replace(path)


def read_endpoints(folder: Path) -> dict[str, Any]:
    """Return what `up` wrote. Raises NotRunning."""
    try:
        content: dict[str, Any] = json.loads((folder / "endpoints.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        raise NotRunning(folder) from None
    return content


def urls(folder: Path) -> dict[str, str]:
    """Return the HTTP addresses by service. Raises NotRunning."""
    return dict(read_endpoints(folder)["http"])
