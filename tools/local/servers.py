"""All local servers of one folder, started together and stopped together."""

import asyncio
import fcntl
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from tools.local import private, unprivileged
from tools.local.endpoints import Endpoints
from tools.local.errors import FolderBusy, LocalError, SomethingMissing
from tools.local.kafka import Kafka
from tools.local.mail import Mail
from tools.local.mosquitto import Mosquitto
from tools.local.postgres import SERVICES, Postgres
from tools.local.process import ROOT
from tools.local.together import together

ALL = ("postgres", "kafka", "mosquitto", "smtp")
DEFAULT_FOLDER = ROOT / ".playcaller"


class Servers:
    """The servers of one folder.

    >>> async def example() -> None:
    ...     async with Servers(Path("/some/folder")) as endpoints:
    ...         print(endpoints.mqtt_url)

    Args:
        folder: gets all data, logs and process records.
        which: names from ALL.
        databases: one database with its role is made for each name.
        end_with_parent: the kernel ends them when we end, however we end (Linux).
        mqtt_accounts: accounts of the broker's listener for tests, with their rights.
    """

    def __init__(
        self,
        folder: Path = DEFAULT_FOLDER,
        which: Collection[str] = ALL,
        *,
        databases: Collection[str] = SERVICES,
        end_with_parent: bool = False,
        mqtt_accounts: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.postgres = Postgres(self.folder, end_with_parent=end_with_parent)
        self.kafka = Kafka(self.folder, end_with_parent=end_with_parent)
        self.mosquitto = Mosquitto(
            self.folder, end_with_parent=end_with_parent, accounts=mqtt_accounts
        )
        self.smtp = Mail(self.folder, end_with_parent=end_with_parent)
        known = (self.postgres, self.kafka, self.mosquitto, self.smtp)
        self.wanted = [server for server in known if server.name in which]
        self.databases = databases

    async def start(self) -> Endpoints:
        """Start what does not run yet, all at once; return when all are healthy.

        When one does not start, those that this call started are stopped again.
        Raises: SomethingMissing, DidNotStart, FolderBusy.
        """
        private.folder(self.folder)
        with _locked(self.folder):
            ran_before = {server.name for server in self.wanted if server.find()}
            self._check_needs(ran_before)
            try:
                await together(*(server.start() for server in self.wanted))
                return await self.endpoints()
            except BaseException:
                new = [server for server in self.wanted if server.name not in ran_before]
                await asyncio.shield(together(*(server.stop() for server in new)))
                raise

    async def stop(self) -> None:
        """Stop all of this folder, whoever started them."""
        if not self.folder.exists():
            return
        with _locked(self.folder):
            await together(*(server.stop() for server in self.wanted))

    def erase(self) -> None:
        """Delete all data of these servers; they must be stopped."""
        for server in self.wanted:
            unprivileged.remove(server.data)
            server.log.unlink(missing_ok=True)

    def pids(self) -> dict[str, int]:
        """Return the process ids of what runs, by server."""
        identities = {server.name: server.find() for server in self.wanted}
        return {name: who.pid for name, who in identities.items() if who}

    async def endpoints(self) -> Endpoints:
        """Return where the running servers are; makes the services' databases if needed."""
        pids = self.pids()
        urls: dict[str, str] = {}
        owners: dict[str, str] = {}
        if "postgres" in pids:
            for service in self.databases:
                urls[service] = await self.postgres.make_database(service)
                owners[service] = self.postgres.owner_url(service)
        return Endpoints(
            kafka_bootstrap_servers=self.kafka.bootstrap if "kafka" in pids else None,
            mqtt_url=self.mosquitto.url if "mosquitto" in pids else None,
            mqtt_certificate_url=self.mosquitto.certificate_url if "mosquitto" in pids else None,
            mqtt_websocket_url=self.mosquitto.websocket_url if "mosquitto" in pids else None,
            ingest=self.mosquitto.ingest_environment() if "mosquitto" in pids else {},
            smtp_url=self.smtp.url if "smtp" in pids else None,
            database_urls=urls,
            owner_urls=owners,
            pids=pids,
        )

    async def __aenter__(self) -> Endpoints:
        return await self.start()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _check_needs(self, ran_before: Collection[str]) -> None:
        """Name everything that is missing at once, before anything is started."""
        lacks = []
        for server in self.wanted:
            try:
                if server.name not in ran_before:
                    server.check_needs()
            except SomethingMissing as gap:
                lacks.append(gap)
        if len(lacks) == 1:
            raise lacks[0]
        if lacks:
            raise LocalError(
                "\n".join(str(gap) for gap in lacks) + "\nAll of it at once: make setup"
            )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one command at a time start or stop everything here: it has several steps. Raises FolderBusy."""
    private.folder(folder)
    with _locked(folder, "command.lock"):
        yield


@contextmanager
def _locked(folder: Path, name: str = "lock") -> Iterator[None]:
    """Let one at a time start or stop servers here; a killed one leaves no lock."""
    with (folder / name).open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderBusy(folder) from None
        yield
