"""Free ports on the loopback interface."""

import asyncio
import random
import socket
import time

LOOPBACK = "127.0.0.1"
POLL_S = 0.05
# Below the range from which Linux (32768) and macOS (49152) give ports to outgoing connections:
# thousands of MQTT clients on this machine would otherwise take a port between choice and use.
FIRST, LAST = 20_000, 32_000


def is_free(port: int) -> bool:
    """Can a server listen on this loopback port now?"""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a loopback port on which nothing listens, chosen at random."""
    while True:
        port = random.randint(FIRST, LAST)  # noqa: S311  # not a secret
        if is_free(port):
            return port


async def keep_or_choose(wanted: int | None, patience_s: float = 2) -> int:
    """Return the port used last time when it is free within `patience_s` seconds, else a new one.

    The system may need a moment to close the port of a process that was killed.
    """
    if wanted is None:
        return free_port()
    deadline = time.monotonic() + patience_s
    while not is_free(wanted):
        if time.monotonic() > deadline:
            return free_port()
        await asyncio.sleep(POLL_S)
    return wanted
