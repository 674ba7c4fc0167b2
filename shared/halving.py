"""What fails as a whole is halved until it is clear which items fail: one bad of many is found soon."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def in_halves(items: Sequence[T], settle: Callable[[Sequence[T]], Awaitable[bool]]) -> None:
    """Settle in order what has just failed as a whole.

    A part that fails is halved; behind an item that failed by itself parts grow again from one item.
    So one bad of n costs up to 2 * log2(n) steps, and n bad ones little more than n.

    Args:
        settle: applies a part whole or not at all. False: it is refused for good; of a part of one
            item that is the end of it.
    """
    at, size = 0, len(items) // 2 or 1
    suspect = len(items)  # before it is something that fails, as far as is known
    while at < len(items):
        part = items[at : at + size]
        if await settle(part):
            at += len(part)
            size = (suspect - at) // 2 or 1 if at < suspect else 2 * size
        elif len(part) == 1:
            at += 1
            size, suspect = 1, at
        else:
            suspect, size = at + len(part), len(part) // 2
