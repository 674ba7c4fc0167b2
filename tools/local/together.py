"""Do several things at the same time."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def together(*work: Coroutine[Any, Any, object]) -> None:
    """Do all of it at the same time, each to its end; then raise the first error, if any.

    Unlike a task group it does not cut the others short: a server half started is worse than one
    that is up and can be stopped in order.
    """
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
