"""The audit's head goes into the log, where whoever owns the database cannot change it."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from shared import log
from shared.db import audit, trouble

EVERY_S = 86_400.0
AGAIN_S = 60.0

_log = log.get("audit")


async def tell(engine: AsyncEngine) -> None:
    """At the start and once a day, until cancelled."""
    while True:
        try:
            async with engine.connect() as connection:
                head = await audit.head(connection)
        except Exception as error:
            if not trouble.is_passing(error):
                raise
            await asyncio.sleep(AGAIN_S)
            continue
        _log.info("audit head", extra={"n": head.n, "hash": head.hash.hex()})
        await asyncio.sleep(EVERY_S)
