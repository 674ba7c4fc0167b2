"""Hears of registry changes in any process, by PostgreSQL's LISTEN."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import asyncpg

from services.ingest.domain.failure import failure
from services.ingest.store.sources.sources import CHANNEL
from shared import log
from shared.db import trouble

CHECK_S = 10.0
RETRY_S = 1.0
NAME = "ingest-notices"  # of the connection, for people who look at PostgreSQL's

_log = log.get("ingest.notices")


async def listen(
    url: str, changed: Callable[[list[str]], None], missed: Callable[[], None]
) -> None:
    """Listen until cancelled.

    Args:
        url: of the database, as SQLAlchemy writes it.
        changed: told the ids of sources that have changed.
        missed: told when changes may have been missed: whenever listening begins (again).
    """

    def heard(_connection: Any, _pid: int, _channel: str, notice: str) -> None:
        changed(notice.split(","))

    dsn = url.replace("postgresql+asyncpg://", "postgresql://", 1)
    while True:
        connection: Any = None
        try:
            connection = await asyncpg.connect(
                dsn, timeout=5, command_timeout=5, server_settings={"application_name": NAME}
            )
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _connection, ended=ended: ended.set())
            await connection.add_listener(CHANNEL, heard)
            missed()
            while not ended.is_set():  # a dead peer shows only when it is asked
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_S):
                        await ended.wait()
                await connection.execute("SELECT 1")
        except Exception as error:  # noqa: BLE001 - the net
            if trouble.is_passing(error) or isinstance(error, asyncpg.InterfaceError):
                _log.info("not listening for registry changes", extra={"error": str(error)[:200]})
            else:
                _log.error("listening for registry changes failed: again", extra=failure(error))
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(RETRY_S)
