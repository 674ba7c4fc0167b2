"""A second process of a service, beside the one that an installation has."""

import asyncio
import signal


class Process:
    """A second process of a service, on a port of its own."""

    def __init__(self, child: asyncio.subprocess.Process, url: str) -> None:
        self.child, self.url = child, url

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.child.pid

    async def end(self, how: signal.Signals = signal.SIGTERM, seconds: float = 60) -> int:
        """Send a signal and wait for the end; returns the exit code."""
        self.child.send_signal(how)
        async with asyncio.timeout(seconds):
            return await self.child.wait()
