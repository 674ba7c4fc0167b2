"""Wait for a condition, bounded."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from shared.clock import monotonic

T = TypeVar("T")


async def until(
    look: Callable[[], Awaitable[T]], seconds: float, what: str, every_s: float = 0.1
) -> T:
    """The first true thing that `look` gives. Raises TimeoutError, saying what did not happen."""
    end = monotonic() + seconds
    while True:
        value = await look()
        if value:
            return value
        if monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        await asyncio.sleep(every_s)
