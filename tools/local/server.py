"""What all local servers have in common: reuse, ports, start, health, stop."""

import asyncio
import json
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import ClassVar

from tools.local import identity, process
from tools.local.errors import DidNotStart, log_tail
from tools.local.identity import Identity
from tools.local.ports import keep_or_choose

TRIES = 3  # a port can be taken between our choice and the server's use of it
PORT_TAKEN = ("address already in use", "address in use", "could not bind")


class Server(ABC):
    """One server with its data under `<folder>/data/<name>`.

    `start` reuses a healthy running one, and knows a left-over record from a living process.
    """

    name: ClassVar[str]
    port_count: ClassVar[int] = 1
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    start_s: ClassVar[float] = 120  # a busy machine is slow; the usual is 1 to 5 s
    stop_s: ClassVar[float] = 20

    def __init__(self, folder: Path, *, end_with_parent: bool = False) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data" / self.name
        self.log = self.folder / "logs" / f"{self.name}.log"
        self.record = self.folder / "run" / f"{self.name}.json"
        self.end_with_parent = end_with_parent
        self.who: Identity | None = None

    @abstractmethod
    def check_needs(self) -> None:
        """Raise SomethingMissing when this machine lacks something; change nothing."""

    @abstractmethod
    async def prepare(self, ports: tuple[int, ...]) -> None:
        """Make the data folder (the first time) and write the configuration for these ports."""

    @abstractmethod
    def command(self, ports: tuple[int, ...]) -> list[str]:
        """Return the program and its arguments."""

    @abstractmethod
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        """Does it answer in its own protocol? Never raises for a server that is not up yet."""

    async def answers(self, ports: tuple[int, ...]) -> bool:
        """Is it alive, if maybe waiting for others? Never raises, either."""
        return await self.is_healthy(ports)

    def user(self) -> int | None:
        """Numeric user to run as; None = ours."""
        return None

    def environment(self) -> dict[str, str] | None:
        """The whole environment of the server; None = ours."""
        return None

    def working_folder(self) -> Path:
        """Where it runs; another user may not be able to walk to our folder."""
        return self.folder if self.user() is None else Path("/")

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports it runs on, the public one first; () when it does not run."""
        return self.who.ports if self.who else ()

    @property
    def port(self) -> int:
        """The port to connect to."""
        return self.ports[0]

    def find(self) -> Identity | None:
        """Return the running process of this folder, ours or a predecessor's."""
        who = identity.load(self.record)
        self.who = who if who is not None and identity.is_running(who) else None
        return self.who

    async def start(self) -> None:
        """Return when the server is up and healthy. Raises SomethingMissing, DidNotStart."""
        if (who := self.find()) is not None:
            if await self._within(self.answers, who, 5):
                if await self._within(self.is_healthy, who, self.start_s):
                    return
                raise DidNotStart(self.name, f"is not ready after {self.start_s:.0f} s", self.log)
            await self.stop()  # it runs but does not answer: a new one is the cure
        self.check_needs()
        for attempt in range(1, TRIES + 1):
            ports = await self._choose_ports(keep=attempt == 1)
            await self.prepare(ports)
            try:
                await self._run(ports)
            except DidNotStart:
                if attempt < TRIES and self._port_was_taken():
                    continue
                raise
            return

    async def start_again(self) -> None:
        """Start it where it was, after it has ended; not waiting until it is healthy.

        On the same ports whatever happens: the others know it by them. Raises: DidNotStart, OSError.
        """
        before = identity.load(self.record)
        ports = () if before is None else before.ports
        if len(ports) != self.port_count:  # another release's
            ports = await self._choose_ports(keep=True)
        await self.prepare(ports)
        self.who = self._launch(ports)

    async def stop(self) -> bool:
        """Stop it in its own orderly way; True when no force was needed."""
        if (who := self.find()) is None:
            self.record.unlink(missing_ok=True)
            return True
        gently = await process.stop(who, self.stop_signal, self.stop_s)
        self.record.unlink(missing_ok=True)
        self.who = None
        return gently

    async def kill(self) -> None:
        """End it at once, as a power cut would."""
        if (who := self.find()) is not None:
            await process.stop(who, signal.SIGKILL)
        self.who = None

    def _launch(self, ports: tuple[int, ...]) -> Identity:
        pid = process.start(
            self.command(ports),
            self.log,
            env=self.environment(),
            cwd=self.working_folder(),
            user=self.user(),
            end_with_parent=self.stop_signal if self.end_with_parent else None,
        )
        try:
            who = identity.identify(pid, *ports)
        except ProcessLookupError:
            raise DidNotStart(self.name, "ended at once", self.log) from None
        identity.save(who, self.record)
        return who

    async def _run(self, ports: tuple[int, ...]) -> None:
        self.who = who = self._launch(ports)  # somebody else may kill it while it starts
        if await self._within(self.is_healthy, who, self.start_s):
            return
        if process.has_ended(who):
            why = "ended while starting"
        else:
            why = f"did not answer within {self.start_s:.0f} s"
            await self.stop()
        self.who = None
        raise DidNotStart(self.name, why, self.log)

    @staticmethod
    async def _within(
        is_so: Callable[[tuple[int, ...]], Awaitable[bool]], who: Identity, seconds: float
    ) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.has_ended(who):
                return False
            if await is_so(who.ports):
                return not process.has_ended(who)
            await asyncio.sleep(process.POLL_S)
        return False

    async def _choose_ports(self, *, keep: bool) -> tuple[int, ...]:
        """The ports of last time, so that addresses stay as they were; else new ones."""
        memory = self.folder / "run" / f"{self.name}.ports.json"
        try:
            last = json.loads(memory.read_text(encoding="utf-8")) if keep else []
        except (FileNotFoundError, ValueError):
            last = []
        wanted = [*last, *[None] * self.port_count][: self.port_count]
        ports = tuple([await keep_or_choose(port) for port in wanted])
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps(ports), encoding="utf-8")
        return ports

    def _port_was_taken(self) -> bool:
        tail = log_tail(self.log).lower()
        return any(words in tail for words in PORT_TAKEN)
