"""Connections to the mail server that are kept for the next mail: a few, and only while there are mails.

Connecting, TLS and signing in cost more than a mail. A kept connection is asked (RSET) whether it is still
there before a mail goes over it, so one that the server has closed costs no mail its turn.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiosmtplib

MOST_KEPT = 8  # as many as mails go out at once
MOST_MAILS = 100  # over one: servers end it after so many, or count it against us
IDLE_S = 1.0  # after the last mail; no server waits so short
BROKEN = (aiosmtplib.SMTPException, OSError, TimeoutError)


@dataclass(slots=True)
class Line:
    """A connection, and how many mails went over it."""

    server: aiosmtplib.SMTP
    mails: int = 0


class Lines:
    """The connections to one server."""

    def __init__(self, connection: Callable[[], aiosmtplib.SMTP]) -> None:
        """None is made yet.

        Args:
            connection: makes one that is not connected.
        """
        self._connection = connection
        self._kept: list[Line] = []
        self._busy = 0
        self._closing: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """One for a mail: it is kept where the mail's end is known, and ended where anything else happens."""
        self._busy += 1
        if self._closing is not None:
            self._closing.cancel()
        line: Line | None = None
        try:
            line = await self._alive() or await self._new()
            yield line.server
            line.mails += 1
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientRefused):
            raise  # the server has said no, and is there
        except BaseException:
            if line is not None:
                line.server.close()
            raise
        finally:
            self._busy -= 1
            if line is not None:
                self._give(line)
            self._closing = asyncio.get_running_loop().call_later(IDLE_S, self._rest)

    async def _alive(self) -> Line | None:
        """A kept one that still answers."""
        while self._kept:
            line = self._kept.pop()
            try:
                await line.server.rset()
            except BROKEN:
                line.server.close()
            else:
                return line
        return None

    async def _new(self) -> Line:
        server = self._connection()
        await server.connect()
        return Line(server)

    def _give(self, line: Line) -> None:
        if not line.server.is_connected:
            return
        if line.mails < MOST_MAILS and len(self._kept) < MOST_KEPT:
            self._kept.append(line)
        else:
            self._end(line)

    def _rest(self) -> None:
        """No mail has gone for a while: none is kept."""
        if self._busy == 0:
            while self._kept:
                self._end(self._kept.pop())

    def _end(self, line: Line) -> None:
        task = asyncio.get_running_loop().create_task(_good_bye(line.server))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)


async def _good_bye(server: aiosmtplib.SMTP) -> None:
    with suppress(*BROKEN):
        await server.quit()
    server.close()
