"""Counts over everything: of many things the answer of a moment ago is given, and counted anew meanwhile.

Such a count reads all there is, so that it takes longer the more there is, and every page that shows it
would wait. Of fewer than MANY things it is counted for everybody who asks; of more, those who wait share one count.
Few that are found among many are counted for everybody too, unless that takes long.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import Depends

from shared import log
from shared.clock import monotonic
from shared.web.state import of_state

MANY = 10_000  # a count of so many takes a few milliseconds
LONG_S = 0.1  # a page waits 0.3 s for all it shows
FRESH_S = 5.0  # so long it is given as it is
REST = (
    20  # times as long as it took: whoever looks all day keeps the database busy a twentieth of it
)
STALE_S = 300.0  # nobody is given an older one: who asks waits for the new one
KEPT = 64  # answers: filters make them different

T = TypeVar("T")
_log = log.get("web.counted")


@dataclass(frozen=True, slots=True)
class _Answer:
    value: Any
    at_s: float
    fresh_s: float


class Counted:
    """Those of one process."""

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s = now_s
        self._answers: dict[Hashable, _Answer] = {}
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(
        self,
        what: Hashable,
        count: Callable[[], Awaitable[T]],
        many: Callable[[T], int],
        among: Callable[[T], int] | None = None,
    ) -> T:
        """The count, or what it was a moment ago.

        Args:
            what: is counted; equal for equal questions.
            count: counts it.
            many: of how many things the answer tells.
            among: among how many they were found; None: nothing is left out.
        """
        kept = self._answers.get(what)
        age_s = STALE_S if kept is None else self._now_s() - kept.at_s
        value: T
        if kept is not None and age_s < kept.fresh_s:
            value = kept.value
            return value
        others = self._under_way.get(what)
        counting = partial(self._count, what, count, many, among)
        task = others or self._begin(what, counting)
        if kept is not None and age_s < STALE_S:
            value = kept.value
            return value
        value = await asyncio.shield(task)  # whoever leaves takes it from nobody
        if others is None or what in self._answers:
            return value
        return await counting()  # of few, what has just been written counts

    def _begin(
        self, what: Hashable, counting: Callable[[], Coroutine[Any, Any, T]]
    ) -> "asyncio.Task[T]":
        task = asyncio.ensure_future(counting())
        self._under_way[what] = task
        task.add_done_callback(lambda task: self._over(what, task))
        return task

    async def _count(
        self,
        what: Hashable,
        count: Callable[[], Awaitable[T]],
        many: Callable[[T], int],
        among: Callable[[T], int] | None,
    ) -> T:
        at_s = self._now_s()
        value = await count()
        took_s = self._now_s() - at_s
        self._answers.pop(what, None)
        searched = took_s >= LONG_S and among is not None and among(value) >= MANY
        if searched or many(value) >= MANY:
            fresh_s = max(FRESH_S, REST * took_s)
            self._answers[what] = _Answer(value, at_s, fresh_s)
        while len(self._answers) > KEPT:
            self._answers.pop(next(iter(self._answers)))
        return value

    def _over(self, what: Hashable, task: asyncio.Task[Any]) -> None:
        self._under_way.pop(what, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.info("not counted anew", extra={"error": type(error).__name__})


Counting = Annotated[Counted, Depends(of_state("counted"))]
"""A route's argument."""
