"""Free ports on the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"
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


def keep_or_choose(wanted: int | None) -> int:
    """Return the port used last time when it is still free, else a new one."""
    return wanted if wanted is not None and is_free(wanted) else free_port()
