"""A machine that is busy is slow: HTTP clients of tests wait a minute and a half where they say nothing."""

import httpx

PATIENCE_S = 90.0
IDLE_S = 1.0  # servers close what is idle for five seconds: a request at that very moment is lost


def of_clients() -> None:
    """In place of httpx's five seconds to wait, and to keep what is idle, in this process."""
    said_nothing = httpx._config.DEFAULT_TIMEOUT_CONFIG
    said_nothing.connect = said_nothing.read = said_nothing.write = said_nothing.pool = PATIENCE_S
    httpx._config.DEFAULT_LIMITS.keepalive_expiry = IDLE_S
