"""A server of the session that ends by itself: named where it happened, and started again."""

import asyncio
import signal

from tools.local import process
from tools.local.errors import log_tail
from tools.local.servers import Servers

LINES = 25  # of its log: what it said when it ended, and who had come before


def started_again(servers: Servers) -> list[str]:
    """Start again whatever has ended though nobody ended it; a sentence for each, with its log's end.

    Whoever kills a server on purpose does it by its `kill` or `stop`: then it is not missed here.
    """
    fallen = [each for each in servers.wanted if each.who and process.has_ended(each.who)]
    told = []
    for server in fallen:
        assert server.who is not None
        how = _how(process.exit_code(server.who.pid))
        told.append(f"{server.name} {how} in this test.\n{log_tail(server.log, LINES)}")
        asyncio.run(server.start())
    return told


def start_left(servers: Servers) -> None:
    """Start again whatever a test has ended and, failing, not started again: those after it want it."""
    for server in servers.wanted:
        if server.who is None:
            asyncio.run(server.start())


def _how(code: int | None) -> str:
    if code is None:
        return "ended by itself"
    if code >= 0:
        return f"ended by itself with exit code {code}"
    return f"was ended by signal {-code} ({signal.Signals(-code).name})"
