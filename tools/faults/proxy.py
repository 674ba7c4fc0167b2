"""A TCP proxy for faults: pass, hold either direction, reset, refuse, delay, cut at a word."""

import asyncio
import contextlib
from collections.abc import Callable

from tools.local.ports import LOOPBACK

CHUNK = 262_144


class Proxy:
    """Listens on a loopback port and speaks to another.

    Attributes:
        delay_s: added to everything the server sends.
        refuses: new connections are reset at once.
        cuts_at: called with the bytes of a client; true: they pass, and both sides are reset
            before the answer.
        swallows_at: the same, but they do not pass.
        cuts: how often one of the two happened.
    """

    def __init__(self, port: int, target: Callable[[], int]) -> None:
        self.port = port
        self.delay_s = 0.0
        self.refuses = False
        self.cuts_at: Callable[[bytes], bool] | None = None
        self.swallows_at: Callable[[bytes], bool] | None = None
        self.cuts = 0
        self._target = target
        self._up, self._down = asyncio.Event(), asyncio.Event()
        self._pairs: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()
        self._server: asyncio.Server | None = None
        self.release()

    async def start(self) -> "Proxy":
        """Listen."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        return self

    async def stop(self) -> None:
        """Listen no more, and reset what there is."""
        if self._server is not None:
            self._server.close()
        self.reset()

    def reset(self) -> None:
        """Reset every connection."""
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()

    def hold(self, *, up: bool = True, down: bool = True) -> None:
        """Keep back what clients (`up`) and servers (`down`) send from now on."""
        if up:
            self._up.clear()
        if down:
            self._down.clear()

    def release(self) -> None:
        """Let everything pass again."""
        self._up.set()
        self._down.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(LOOPBACK, self._target())
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, back)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._to_server(reader, pair), self._to_client(there, pair))
        finally:
            self._pairs.discard(pair)
            for side in pair:
                side.transport.abort()

    async def _to_server(
        self, reader: asyncio.StreamReader, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._up.wait()
                if self.swallows_at is not None and self.swallows_at(data):
                    self._cut(pair)
                    return
                cut = self.cuts_at is not None and self.cuts_at(data)
                pair[1].write(data)
                await pair[1].drain()
                if cut:
                    await asyncio.sleep(0.002)  # the request gets there, its answer does not
                    self._cut(pair)
                    return
        pair[1].close()  # also for a client that was killed

    def _cut(self, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self.cuts += 1
        for writer in pair:
            writer.transport.abort()

    async def _to_client(
        self, reader: asyncio.StreamReader, pair: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._down.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                pair[0].write(data)
                await pair[0].drain()
        pair[0].close()
