"""At the start: the link for the first admin. Every ten minutes: away with what has expired."""

import asyncio
import sys

from services.console.domain.accounts import link
from services.console.domain.sessions.tries import QUIET
from services.console.handlers.links import offer_admin_link
from services.console.handlers.ports import Context
from services.console.store import mails
from services.console.store.store import Beginning
from shared import log
from shared.clock import wall_now
from shared.db import trouble

EVERY_S = 600.0

_log = log.get("console.housekeeping")


class Housekeeping:
    """One task of console.

    Args:
        greeting: print a link for the first admin where there is none.
    """

    def __init__(self, context: Context, begin: Beginning, *, greeting: bool) -> None:
        self._context = context
        self._begin = begin
        self._greeted = not greeting

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._greet()
                await self.sweep()
            except Exception as error:
                if not trouble.is_passing(error):
                    raise
                _log.warning("waiting for PostgreSQL", extra={"error": type(error).__name__})
                await asyncio.sleep(1.0)
                continue
            await asyncio.sleep(EVERY_S)

    async def _greet(self) -> None:
        """Print a link where there is no admin, and no link that is still good."""
        if self._greeted:
            return
        async with self._begin() as store:
            offered = await store.links.any_live("admin", wall_now())
        secret = None if offered else await offer_admin_link(self._context, wall_now())
        if secret is not None:
            say_admin_link(self._context, secret)
        self._greeted = True

    async def sweep(self) -> None:
        """Delete sessions, links, tries and sign-ins that count no more; take over mails of before."""
        now, rules = wall_now(), self._context.rules
        async with self._begin() as store:
            await store.sessions.sweep(now - rules.life, now - rules.idle)
            await store.links.sweep(now)
            await store.tries.sweep(now - QUIET)
            await store.provider.sweep(now)
            await mails.move(store.connection, now)


def say_admin_link(context: Context, secret: str) -> None:
    """To the terminal or the log file, as text: it is meant for eyes."""
    address = link.address(context.rules.url, secret, first=True)
    sys.stderr.write(
        f"There is no admin yet. This link makes one, once, within 24 hours:\n  {address}\n"
    )
    sys.stderr.flush()
