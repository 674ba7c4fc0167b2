"""Looks at every process of an installation, and starts again what has ended."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from shared import clock
from tools.local import process
from tools.local.server import Server
from tools.supervisor import record
from tools.supervisor.bounded import bound
from tools.supervisor.deaths import Deaths, died, ended_with, said, wait_s

LOOK_S = 0.5
BOUND_S = 20.0


class Watch:
    """One per installation.

    Args:
        folder: of the installation.
        watched: servers and services, all of them started.
        say: gets a sentence for whatever happens.
    """

    def __init__(self, folder: Path, watched: Sequence[Server], say: Callable[[str], None]) -> None:
        self._folder = folder
        self._watched = watched
        self._say = say
        self._deaths = record.read(folder)

    async def run(self) -> None:
        """Until cancelled, which leaves all that runs running."""
        await asyncio.gather(*map(self._keep, self._watched), self._bound())

    async def _keep(self, server: Server) -> None:
        """Start one again whenever it has ended, later and later if it does not stay."""
        since = clock.monotonic()
        while True:
            await self._ended(server)
            code = None if server.who is None else process.exit_code(server.who.pid)
            await self._mourn(server.name, ended_with(code), clock.monotonic() - since)
            while not await self._again(server):
                pass
            since = clock.monotonic()

    @staticmethod
    async def _ended(server: Server) -> None:
        while server.who is not None and not process.has_ended(server.who):  # noqa: ASYNC110 - of others
            await asyncio.sleep(LOOK_S)

    async def _again(self, server: Server) -> bool:
        """Start it; False when that alone has failed, and the wait for it is over."""
        try:
            if server.find() is None:  # maybe a person was faster
                await server.start_again()
        except Exception as problem:  # noqa: BLE001 - the net: whatever it is, it is tried again
            words = str(problem).partition("\n")[0] or type(problem).__name__
            await self._mourn(server.name, f"no start: {words}", 0.0)
            return False
        held = self._deaths[server.name]
        self._note(server.name, replace(held, next_try=None))
        return True

    async def _mourn(self, name: str, how: str, ran_s: float) -> None:
        """Note a death, and wait until it is time for the next try."""
        now = clock.wall_now()
        deaths = died(self._deaths.get(name), how, ran_s, now)
        self._note(name, deaths)
        self._say(said(name, deaths, now))
        await asyncio.sleep(wait_s(deaths.in_a_row))

    def _note(self, name: str, deaths: Deaths) -> None:
        self._deaths[name] = deaths
        record.write(self._folder, self._deaths)

    async def _bound(self) -> None:
        while True:
            await asyncio.sleep(BOUND_S)
            for name in await asyncio.to_thread(bound, self._folder / "logs"):
                self._say(f"the log of {name} begins anew; what it said before: {name}.log.1")
