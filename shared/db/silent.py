"""Ends sessions of this service whose client fell silent within a statement.

PostgreSQL ends a session that idles in a transaction, but a driver sends a statement in two halves, parse and
execute, and a client that is killed or frozen between them is waited for without end: neither
`statement_timeout` nor `idle_in_transaction_session_timeout` counts there (PostgreSQL 17 has
`transaction_timeout` for it). Where the connection itself stays, behind a proxy or a lost route, its row locks
would hold up every other replica for ever.
"""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared import log
from shared.db import trouble
from shared.db.engine import COMMAND_S

EVERY_S = 15.0
SILENT_S = COMMAND_S  # no statement of ours takes longer

_log = log.get("db.silent")
_END = text("""
SELECT pid, extract(epoch FROM clock_timestamp() - state_change)::float8 AS silent_s, pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
  AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL
  AND state_change < clock_timestamp() - make_interval(secs => CAST(:silent_s AS float8))
""")


async def end(connection: AsyncConnection, silent_s: float = SILENT_S) -> int:
    """End what has been waited for within a statement for `silent_s` seconds. Returns how many sessions."""
    ended = (await connection.execute(_END, {"silent_s": silent_s})).all()
    for session in ended:
        _log.warning(
            "a session whose client was silent for %.0f s within a statement is ended",
            session.silent_s, extra={"pid": session.pid},
        )  # fmt: skip
    return len(ended)


async def watch(engine: AsyncEngine) -> None:
    """Look every EVERY_S seconds, until cancelled."""
    while True:
        try:
            async with engine.connect() as connection:
                await end(connection)
        except Exception as error:
            if not trouble.is_passing(error):
                raise
        await asyncio.sleep(EVERY_S)
