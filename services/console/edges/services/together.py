"""One question for all who ask it in the same moment: many pages are told of one change, and ask the same.

Whoever comes while it is being answered is not given that answer: it may be older than what they were told
of. They wait for the next one, which is asked for all of them when this one has ended.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
Ask = Callable[[], Awaitable[T]]


class Together:
    """The questions of one process that are out, and those that wait for them."""

    def __init__(self) -> None:
        self._out: dict[Hashable, asyncio.Task[Any]] = {}
        self._next: dict[Hashable, asyncio.Task[Any]] = {}

    async def ask(self, what: Hashable, ask: Ask[T]) -> T:
        """The answer to a question that is put after this call; whoever leaves takes it from nobody.

        Args:
            what: equal for equal questions of those who may see the same.
            ask: puts it; of several the first one's is.
        """
        waiting = self._next.get(what)
        if waiting is None:
            out = self._out.get(what)
            waiting = asyncio.create_task(self._asked(what, ask, out))
            (self._out if out is None else self._next)[what] = waiting
            waiting.add_done_callback(_seen)
        answer: T = await asyncio.shield(waiting)
        return answer

    async def _asked(self, what: Hashable, ask: Ask[T], before: "asyncio.Task[Any] | None") -> T:
        if before is not None:
            await asyncio.wait({before})
            self._out[what] = self._next.pop(what)
        try:
            return await ask()
        finally:
            if what not in self._next:
                del self._out[what]


def _seen(task: "asyncio.Task[Any]") -> None:
    """Its error is known, though nobody may wait for it any more."""
    if not task.cancelled():
        task.exception()
