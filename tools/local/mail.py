"""A local mail catcher: takes every mail over SMTP and keeps it as a file."""

import asyncio
import sys
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from tools.local.ports import LOOPBACK
from tools.local.server import Server


class Mail(Server):
    """Mails end in `<folder>/data/smtp/`, one `.eml` file each, the oldest first by name."""

    name: ClassVar[str] = "smtp"

    @override
    def check_needs(self) -> None:
        """Needs nothing but the Python packages."""

    @override
    async def prepare(self, ports: tuple[int, ...]) -> None:
        self.data.mkdir(parents=True, exist_ok=True)

    @override
    def command(self, ports: tuple[int, ...]) -> list[str]:
        catcher = Path(__file__).with_name("catcher.py")
        return [sys.executable, str(catcher), str(ports[0]), str(self.data)]

    @override
    async def is_healthy(self, ports: tuple[int, ...]) -> bool:
        try:
            async with asyncio.timeout(2):
                return await _greets(ports[0])
        except (OSError, TimeoutError):
            return False

    @property
    def url(self) -> str:
        """Where mail is sent to."""
        return f"smtp://{LOOPBACK}:{self.port}"


async def _greets(port: int) -> bool:
    """Does it greet as a mail server does?"""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        return (await reader.readline()).startswith(b"220 ")
    finally:
        writer.close()
