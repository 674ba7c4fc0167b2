"""The demo from the first server to the summary, and the end of every child whatever happens."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no stubs in the lock
from rich.console import Console

from shared.clock import monotonic, wall_now
from tools.demo import plays, result, show, tour
from tools.demo.ask import Asker
from tools.demo.readback import ReadBack, Reader
from tools.fleet.errors import FleetError
from tools.fleet.fleet import Endpoints as FleetEndpoints
from tools.fleet.fleet import Fleet
from tools.fleet.progress import Bar
from tools.fleet.progress import Progress as Reached
from tools.fleet.truth import write as write_truth
from tools.installation import write_endpoints
from tools.local import certificates
from tools.local.auth import Operator
from tools.local.endpoints import Endpoints
from tools.local.errors import LocalError
from tools.local.keys import KeyHolder, key_file
from tools.local.memory import PeakMemory
from tools.local.mosquitto import accounts_with_password
from tools.local.people import PEOPLE
from tools.local.process import ROOT, descendants
from tools.local.servers import Servers
from tools.local.services import CONSOLE, Services
from tools.screens.screen import Screen
from tools.staff.office import Office
from tools.staff.readers import Readers
from tools.staff.work import Staff

FOLDER = ROOT / ".playcaller-demo"
RESULT = ROOT / "demo.json"
SETUP = ROOT / ".venv" / "setup-seconds"
SETUP_IS_OURS_S = 600.0  # older: an earlier command's set-up
INTERRUPTED = 130
WIDTH = 110
UNDONE = timedelta(days=2)  # whoever looks into the console finds some work
PACE = {"INGEST_WAIT_MS": "5"}  # history is in no hurry: larger chunks cost less


async def run(customers: int, days: int, seed: int, *, keep: bool = False) -> int:
    """Play the demo; returns the exit code. With `keep` the system goes on without us.

    0: every event was counted everywhere. 1: some was not, or something did not start. 130: you
    pressed Ctrl-C.
    """
    # a file or a pipe has no width of its own; a table must not be cut there
    out = Screen(width=None if sys.stdout.isatty() else WIDTH)
    demo = Demo(out, FOLDER, keep=keep)
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(demo.play(customers, days, seed))
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        out.print("\nStopped.")
        return demo.code if demo.code is not None else INTERRUPTED
    except (LocalError, FleetError) as error:
        out.print(f"[red]{error}[/]", markup=True)
        out.print(f"Logs are kept in {demo.folder / 'logs'}")
        return 1
    finally:
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(signum)
        with contextlib.suppress(asyncio.CancelledError):
            await demo.end()


class AlreadyPlaying(LocalError):
    """Another demo uses the folder."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        told = ", ".join(f"{name} {pid}" for name, pid in pids.items())
        super().__init__(
            f"A demo is running already ({told}): end it with Ctrl-C in its terminal, or "
            f"`./playcaller down --folder {FOLDER.name}`."
        )


class Demo:
    """Servers, services and fleet of one run, in a folder of their own.

    Attributes:
        code: exit code once the summary has been printed.
    """

    def __init__(self, out: Console, folder: Path, *, keep: bool = False) -> None:
        self.folder = folder
        self._keep = keep
        self.code: int | None = None
        self._out = out
        self._servers: Servers | None = None
        self._services: Services | None = None
        self._fleet: Fleet | None = None
        self._goes_on = keep or sys.stdout.isatty()  # somebody may look
        self._links: asyncio.Task[dict[str, str]] | None = None
        self._console = ""

    async def play(self, customers: int, days: int, seed: int) -> int:
        """Start, live through history, compare, print; then live on where there is a terminal."""
        began = monotonic()
        if running := Servers(self.folder).pids():
            raise AlreadyPlaying(running)
        await Services(self.folder).stop()  # left by a demo that was killed, if any
        leftovers = Servers(self.folder)
        await leftovers.stop()
        leftovers.erase()
        fleet = self._fleet = Fleet()
        fleet.plan(customers, days, seed, wall_now())
        async with PeakMemory(self._pids) as memory:
            endpoints, urls = await self._start()
            write_truth(self.folder / "truth.json", fleet.truth)
            address = FleetEndpoints(
                endpoints.mqtt_url or "",
                urls["ingest"],
                urls["journey"],
                KeyHolder(urls["console"], key_file(self.folder, "vendor"), self.folder),
                certificates.of(self.folder).ca,
                accounts_with_password(self.folder),
            )
            asker = Asker(urls, Operator(self.folder))
            try:
                differences = await self._history(fleet, endpoints, address, asker, urls)
                stops = await tour.stops(fleet.truth, asker) if self._goes_on else []
            finally:
                await asker.close()
            differences.cpu_s = _cpu_seconds({**self._pids(), "fleet": os.getpid()})
        differences.memory_by_process = memory.at_peak_mb
        differences.peak_memory_mb = memory.peak_mb
        differences.seconds = round(monotonic() - began, 1)
        differences.setup_seconds = _setup_seconds()
        differences.live_seconds = round(fleet.seconds, 1)
        differences.console = self._console
        differences.write(RESULT)
        show.summary(self._out, differences, customers, days, seed, fleet.truth)
        self.code = 0 if differences.ok else 1
        if self._links is not None and (differences.ok or self._keep):
            show.invitation(self._out, differences, await self._links, stops, self.folder)
        if self._goes_on and differences.ok and not self._keep:
            self._out.rule("The fleet lives on; Ctrl-C ends everything")
            await fleet.live()
        return self.code

    async def _sign_in(self, services: Services) -> dict[str, str]:
        """A link for each role; that of customer success is told at once: people watch the days pass."""
        now, *later = await services.entry_links("csm", *PEOPLE)
        self._out.print(f"Signed in as customer success, once: {now}", soft_wrap=True)
        return dict(zip(PEOPLE, later, strict=True))

    async def _start(self) -> tuple[Endpoints, dict[str, str]]:
        self._out.print("Starting PostgreSQL, Apache Kafka, mosquitto and a mail catcher ...")
        self._servers = Servers(self.folder, end_with_parent=not self._keep)
        endpoints = await self._servers.start()
        self._out.print("Starting ingest, journey, support and analytics ...")
        self._services = Services(
            self.folder, endpoints, clock="stream", extra=PACE, end_with_parent=not self._keep
        )
        _, urls = await asyncio.gather(self._services.prepare(), self._services.start())
        # so that `./playcaller show` and `status` find this demo by its folder
        self._console = self._services[CONSOLE].address
        write_endpoints(self.folder / "endpoints.json", endpoints, urls, self._console)
        self._out.print(f"Watch it in the browser: {self._console}", soft_wrap=True)
        if self._goes_on:
            self._links = asyncio.create_task(self._sign_in(self._services))
        return endpoints, urls

    async def _history(
        self,
        fleet: Fleet,
        endpoints: Endpoints,
        address: FleetEndpoints,
        asker: Asker,
        urls: Mapping[str, str],
    ) -> result.Found:
        """The days pass, people at work in them; then what was counted where."""
        async with Reader(endpoints.kafka_bootstrap_servers or "") as reader:
            office = Office(asker, urls["console"], self.folder)
            async with self._people(urls, office) as staff:
                await self._live(fleet, address, reader)
                staff.behind = UNDONE
                self._out.print(
                    "Counting: published, acked, in Kafka, in every service's ledger ..."
                )
                kafka = await reader.catch_up()
                end = datetime.fromtimestamp(fleet.end, UTC) - timedelta(seconds=1)
                counted = await asker.drained(result.wanted(kafka.counts()), end)
                await staff.look(await staff.now())  # at what the last days have brought
            await office.look()
            databases = endpoints.database_urls
            differences = await result.gather(fleet, kafka, counted, databases, asker)
        differences.plays = await plays.gather(asker, self.folder / "data" / "smtp")
        return differences

    @contextlib.asynccontextmanager
    async def _people(self, urls: Mapping[str, str], office: Office) -> AsyncIterator[Staff]:
        """Who works and who reads mails meanwhile. Raises what ended one of them early."""
        staff = Staff(self.folder, urls)
        mailbox = KeyHolder(urls["console"], key_file(self.folder, "vendor"), self.folder)
        readers = Readers(self.folder / "data" / "smtp", urls["journey"], mailbox)
        at_work = [asyncio.create_task(who.work()) for who in (staff, readers, office)]
        try:
            yield staff
        finally:
            for work in at_work:
                work.cancel()
            await asyncio.wait(at_work)
            await staff.close()
            await readers.close()
        for work in at_work:
            if not work.cancelled():
                work.result()

    async def _live(self, fleet: Fleet, address: FleetEndpoints, reader: Reader) -> None:
        """Play history; while the last acks are awaited, begin to read back what is in Kafka."""
        early: list[asyncio.Task[ReadBack]] = []
        with Bar(self._out) as bar:

            def show(reached: Reached) -> None:
                bar.show(reached)
                if reached.what != "history" and not early:
                    early.append(asyncio.create_task(reader.catch_up()))

            await fleet.run(address, show)
        await asyncio.gather(*early)

    def _pids(self) -> dict[str, int]:
        pids = {} if self._servers is None else dict(self._servers.pids())
        if self._services is not None:
            pids |= self._services.pids()
        return pids

    async def end(self) -> None:
        """Stop everything that was started; says what stays."""
        if self._fleet is not None:
            await self._fleet.stop()
        if self._links is not None:
            self._links.cancel()
        if self._keep and self.code is not None:
            self._out.print(
                f"It goes on: {self._console}. `./playcaller down --folder {self.folder.name}` ends it.",
                soft_wrap=True,
            )
            return
        if self._services is not None:
            await self._services.stop()
        if self._servers is not None:
            await self._servers.stop()
            self._out.print(
                f"All servers stopped. Kept: {RESULT.name}, and data and logs in {self.folder.name} "
                "until the next demo."
            )


def _cpu_seconds(pids: dict[str, int]) -> dict[str, float]:
    """Processor seconds so far, by name; children (PostgreSQL has many) with their parent."""
    spent = {}
    for name, pid in pids.items():
        family = [psutil.Process(pid), *([] if pid == os.getpid() else descendants(pid))]
        times = [member.cpu_times() for member in family]
        ended = sum(t.children_user + t.children_system for t in times if pid != os.getpid())
        spent[name] = round(sum(t.user + t.system for t in times) + ended, 1)
    return spent


def _setup_seconds() -> float:
    """How long this command's set-up took, as tools.setup wrote it; 0 when it had nothing to do."""
    if not SETUP.exists() or wall_now().timestamp() - SETUP.stat().st_mtime > SETUP_IS_OURS_S:
        return 0.0
    return float(SETUP.read_text(encoding="ascii"))
