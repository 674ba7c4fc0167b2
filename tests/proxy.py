"""A TCP proxy for fault tests: passes bytes on, and holds one direction back when told to."""

import asyncio
import contextlib


class Proxy:
    """Listens on a loopback port and speaks to another.

    Attributes:
        holds: while true, what clients send is kept back; what the server sends passes.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._passing = asyncio.Event()
        self._passing.set()
        self._tasks: set[asyncio.Task] = set()

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold(self) -> None:
        """Keep back what clients send from now on."""
        self._passing.clear()

    async def _serve(self, reader, writer) -> None:
        self._tasks.add(asyncio.current_task())
        there, back = await asyncio.open_connection(self._host, self._port)
        try:
            await asyncio.gather(self._pipe(reader, back, held=True), self._pipe(there, writer))
        finally:
            for each in (writer, back):
                each.transport.abort()  # what is kept back stays back
                with contextlib.suppress(OSError):
                    await each.wait_closed()

    async def _pipe(self, reader, writer, *, held: bool = False) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if held:
                    await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()  # also for a client that was killed
