"""Start Playcaller's own services as processes beside the local servers."""

import asyncio
import os
import ssl
import sys
from collections.abc import Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any, ClassVar

from typing_extensions import override

from tools.local import certificates, migrations
from tools.local.auth import LocalKeys
from tools.local.child import answer_of
from tools.local.endpoints import Endpoints
from tools.local.keys import first_keys, key_file
from tools.local.people import PARTNER, ensure_partner
from tools.local.ports import LOOPBACK
from tools.local.postgres import SERVICES
from tools.local.process import ROOT
from tools.local.server import Server
from tools.local.together import together

CONSOLE = "console"  # sessions live there, so it speaks HTTPS

# A service refuses settings that it does not know; and one that may not keep its compiled code
# spends half a second of every start on compiling it again.
TOOLS_OWN = ("PLAYCALLER_HOME", "PYTHONDONTWRITEBYTECODE")


class ServiceProcess(Server):
    """One service: `python -m services.<name>`, ready when `GET /readyz` says so."""

    name: str  # type: ignore[misc]  # servers have it per class, services per object
    port_count: int  # type: ignore[misc]
    start_s: ClassVar[float] = 180
    stop_s: ClassVar[float] = 40  # ingest finishes what it holds within 30 s

    def __init__(
        self,
        name: str,
        folder: Path,
        environment: Mapping[str, str],
        *,
        end_with_parent: bool = False,
    ) -> None:
        self.name = name
        self.port_count = 2 if name == CONSOLE else 1  # the second one: http://localhost
        super().__init__(folder, end_with_parent=end_with_parent)
        self._environment = dict(environment)

    @override
    def check_needs(self) -> None:
        """Needs the servers only, and waits for them itself."""

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        self._environment |= self._listening(*ports)

    def _listening(self, port: int, local_port: int = 0) -> dict[str, str]:
        """Where it listens, whose tokens it takes, and what console needs for its sessions."""
        keys = LocalKeys(self.folder).ensure()
        settings = {
            "HTTP_HOST": LOOPBACK,
            "HTTP_PORT": str(port),
            "AUTH_KEYS_FILE": str(keys.public_file),
        }
        if self.name == CONSOLE:
            pki = certificates.of(self.folder)
            settings |= {
                "CONSOLE_SIGNING_KEY_FILE": str(keys.signing_file),
                "CONSOLE_SEAL_KEY_FILE": str(keys.seal_file),
                "CONSOLE_ADMIN_LINK_IN_LOG": "false",  # `up` shows one: it asks by a command
                "CONSOLE_LOCAL_PORT": str(local_port),
                "HTTP_TLS_CERT_FILE": str(pki.server),
                "HTTP_TLS_KEY_FILE": str(pki.server_key),
            }
        return settings

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        return [sys.executable, "-m", f"services.{self.name}"]

    @override
    def environment(self) -> dict[str, str]:
        # One thread per service for numpy: the services share the cores among themselves.
        ours = {name: value for name, value in os.environ.items() if name not in TOOLS_OWN}
        return {**ours, "OPENBLAS_NUM_THREADS": "1", **self._environment}

    @override
    def working_folder(self) -> Path:
        return ROOT

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        return await self._says_yes(ports, "/readyz")

    @override
    async def answers(self, ports: tuple[int, ...]) -> bool:
        return await self._says_yes(ports, "/livez")

    async def _says_yes(self, ports: tuple[int, ...], path: str) -> bool:
        try:
            trusted = certificates.of(self.folder).context() if self.name == CONSOLE else None
            async with asyncio.timeout(3):
                return await _says_yes(ports[0], path, trusted)
        except (OSError, TimeoutError):  # ssl.SSLError is an OSError
            return False

    @property
    def url(self) -> str:
        """Where its HTTP interface is."""
        return f"{'https' if self.name == CONSOLE else 'http'}://{LOOPBACK}:{self.port}"

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the pages; console's."""
        return f"http://localhost:{self.ports[1]}"

    async def expected_url(self) -> str:
        """Where its HTTP interface is, or will be when it starts next."""
        port = self.port if self.find() else (await self._choose_ports(keep=True))[0]
        return f"{'https' if self.name == CONSOLE else 'http'}://{LOOPBACK}:{port}"

    def tell(self, settings: Mapping[str, str]) -> None:
        """Further environment variables for its next start."""
        self._environment |= settings

    async def run_command(self, *words: str, given: bytes = b"") -> bytes:
        """Run `python -m services.<name> <words>` and return what it says. Raises DidNotStart."""
        log = self.log.with_name(f"{self.name}.{words[0]}.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        ports = self.ports if self.find() else (1,)
        env = {**self.environment(), **self._listening(*ports)}
        with log.open("wb") as errors:
            child = await asyncio.create_subprocess_exec(
                *[*self.command(()), *words], env=env, cwd=ROOT,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
            )  # fmt: skip
            return await answer_of(child, given, self.name, words[0], log)


async def _says_yes(port: int, path: str, trusted: ssl.SSLContext | None) -> bool:
    """Does GET answer 200? Bare sockets: an HTTP library takes longer to load."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=trusted)
    try:
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode()
        )
        return (await reader.readline()).split()[1:2] == [b"200"]
    finally:
        writer.close()


class Services:
    """The services of one folder, started together and stopped together.

    Args:
        folder: gets logs and process records.
        endpoints: where the servers are; may be left out to find or stop services only.
        which: names of services.
        clock: `wall`, or `stream` for simulated time.
        extra: further environment variables for all of them.
        end_with_parent: the kernel ends them when we end, however we end (Linux).
        admin_link: ask console for a link for the first admin once it runs.
    """

    def __init__(  # each is a choice of the caller
        self,
        folder: Path,
        endpoints: Endpoints | None = None,
        which: Collection[str] = SERVICES,
        *,
        clock: str = "wall",
        extra: Mapping[str, str] | None = None,
        end_with_parent: bool = False,
        admin_link: bool = False,
    ) -> None:
        self.folder = folder
        self.admin_link: str | None = None
        self._admin_link = admin_link
        self.endpoints = endpoints or Endpoints()
        self.all = {
            name: ServiceProcess(
                name,
                folder,
                {**self.endpoints.environment(name), "CLOCK": clock, **(extra or {})},
                end_with_parent=end_with_parent,
            )
            for name in which
        }

    def __getitem__(self, name: str) -> ServiceProcess:
        return self.all[name]

    async def prepare(self) -> None:
        """Make the topics and migrate every database; both change nothing the second time."""
        from shared.stream import admin

        urls = {name: url for name, url in self.endpoints.owner_urls.items() if name in self.all}
        work: list[Coroutine[Any, Any, object]] = []
        if urls:
            work.append(migrations.migrate(urls, self.folder / "logs" / "migrations.log"))
        if (bootstrap := self.endpoints.kafka_bootstrap_servers) is not None:
            work.append(admin.ensure_topics(bootstrap, single=True))
        await together(*work)

    async def start(self) -> dict[str, str]:
        """Start what does not run and return the URLs once all are ready.

        When one does not start, those that this call started are stopped again.
        """
        ran_before = {name for name, service in self.all.items() if service.find()}
        await self._introduce()
        try:
            await together(*(service.start() for service in self.all.values()), *self._keys())
        except BaseException:
            new = [service for name, service in self.all.items() if name not in ran_before]
            await asyncio.shield(together(*(service.stop() for service in new)))
            raise
        if self._admin_link:
            self.admin_link = await first_keys(self.all[CONSOLE], admin_link=True)
        return self.urls()

    async def _introduce(self) -> None:
        """Tell them where the others will be, and support and journey whose key they have there."""
        if not set(SERVICES) <= set(self.all):
            return
        urls = {name: await self.all[name].expected_url() for name in SERVICES}
        asked = {"support": ("journey",), "journey": ("ingest", "support", "analytics")}
        self.all[CONSOLE].tell(
            {f"CONSOLE_{name.upper()}_URL": urls[name] for name in SERVICES if name != CONSOLE}
        )
        for name, others in asked.items():
            prefix = name.upper()
            self.all[name].tell(
                {f"{prefix}_{other.upper()}_URL": urls[other] for other in others}
                | {
                    f"{prefix}_CONSOLE_URL": urls[CONSOLE],
                    f"{prefix}_CLIENT_KEY_FILE": str(key_file(self.folder, name)),
                    f"{prefix}_CA_FILE": str(certificates.of(self.folder).ca),
                }
            )

    def _keys(self) -> list[Coroutine[Any, Any, object]]:
        """Make the keys beside the start; with an admin link after it, when the port is known."""
        if self._admin_link or CONSOLE not in self.all or not self.endpoints.database_urls:
            return []
        return [first_keys(self.all[CONSOLE], admin_link=False)]

    async def stop(self) -> None:
        """Stop all of them, whoever started them."""
        await together(*(service.stop() for service in self.all.values()))

    async def entry_links(self, *roles: str, organisation: str = PARTNER) -> list[str]:
        """For each of these roles a link that signs somebody in once.

        Args:
            organisation: the partner's; it is made where it is not there.
        """
        if "partner" in roles and "support" in self.pids():
            await ensure_partner(self.all["support"].url, self.folder, organisation)
        words = [f"{role}={organisation}" if role == "partner" else role for role in roles]
        return (await self.all[CONSOLE].run_command("enter", *words)).decode().split()

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs, by service."""
        identities = {name: service.find() for name, service in self.all.items()}
        return {name: who.pid for name, who in identities.items() if who}

    def urls(self) -> dict[str, str]:
        """Return the HTTP addresses of what runs, by service."""
        return {name: self.all[name].url for name in self.pids()}
