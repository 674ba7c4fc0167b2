"""Hears of registry changes in any process, by PostgreSQL's LISTEN."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg

from services.ingest.store.sources import CHANNEL
from shared import log
from shared.db import trouble

CHECK_S = 10.0
RETRY_S = 1.0

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
            connection = await asyncpg.connect(dsn, timeout=5, command_timeout=5)
            await connection.add_listener(CHANNEL, heard)
            missed()
            while True:  # a dead peer shows only when it is asked
                await asyncio.sleep(CHECK_S)
                await connection.execute("SELECT 1")
        except Exception as error:
            if not trouble.is_passing(error) and not isinstance(error, asyncpg.InterfaceError):
                raise
            _log.info("not listening for registry changes", extra={"error": str(error)[:200]})
        finally:
            if connection is not None:
                connection.terminate()
        await asyncio.sleep(RETRY_S)
