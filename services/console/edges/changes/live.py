"""Open pages are told what changes: one hub in each process, as many listeners as there are pages.

What comes within a moment is told together, and once for all who may see the same: a hundred pages
cost little more than one. A listener who does not keep up, or who comes back to a process that does
not know what happened meanwhile, is told to look at everything again.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from services.console.domain.pages.changes import Change, Kind, Told, told
from shared import log
from shared.errors import TryLater
from shared.web.problems import Problem

TICK_S = 0.25
KEPT = 20_000  # changes, for those who come back: some minutes of a busy day
WAITING = 40  # messages that a slow listener may be behind
SLACK_MS = 2_000  # between the clocks of brokers and ours
BEAT = b": here\n\n"
AGAIN = b"event: again\ndata: \n\n"

_log = log.get("console.live")

Sees = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Which of these tickets somebody may see."""


@dataclass(frozen=True)
class Audience:
    """Who may see the same.

    Attributes:
        kinds: what they may see at all.
        organisation: of partners; None: our own people.
        sees: asks which tickets partners may see, as one of them.
    """

    kinds: frozenset[Kind]
    organisation: str | None = None
    sees: Sees | None = None

    @property
    def key(self) -> tuple[frozenset[Kind], str | None]:
        """Equal for those who are told the same."""
        return self.kinds, self.organisation


class Listener:
    """One open page."""

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.is_closed = False
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING)

    def put(self, message: bytes) -> None:
        """Tell it; whoever is too far behind is told to look at everything instead."""
        if self._waiting.full():
            while not self._waiting.empty():
                self._waiting.get_nowait()
            message = AGAIN
        self._waiting.put_nowait(message)

    def close(self) -> None:
        """End it: the browser asks again, here or at another process."""
        self.is_closed = True
        self.put(b"")

    async def next(self, within_s: float) -> bytes:
        """The next message, or a sign of life."""
        try:
            async with asyncio.timeout(within_s):
                return await self._waiting.get()
        except TimeoutError:
            return BEAT


class Live:
    """The hub of one process."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._kept: deque[tuple[int, Change]] = deque(maxlen=KEPT)
        self._pending: set[Change] = set()
        self._last_ms = 0
        self._since_ms: int | None = None  # from when on we know everything
        self._came = asyncio.Event()

    def begins(self, at_ms: int) -> None:
        """Everything from this moment on is noted; what was before may be missing."""
        self._since_ms = at_ms
        self._kept.clear()
        for listener in self._listeners:
            listener.put(AGAIN)

    def note(self, at_ms: int, changes: Iterable[Change]) -> None:
        """Something changed; it is told at the next tick."""
        self._last_ms = max(self._last_ms, at_ms)
        for change in changes:
            self._kept.append((at_ms, change))
            self._pending.add(change)
        self._came.set()

    @asynccontextmanager
    async def listening(self, audience: Audience, since_ms: int) -> AsyncIterator[Listener]:
        """A listener; it is told first what happened since a moment.

        Args:
            since_ms: when its page was drawn, or the id of the last message it has read.
        """
        listener = Listener(audience)
        self._listeners.add(listener)
        try:
            if since_ms:
                await self._catch_up(listener, since_ms - SLACK_MS)
            yield listener
        finally:
            self._listeners.discard(listener)

    async def run(self) -> None:
        """Tell what comes, tick by tick, until cancelled; then all streams end."""
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                changes, self._pending = self._pending, set()
                await self._tell(changes)
                await asyncio.sleep(TICK_S)
        finally:
            for listener in self._listeners:
                listener.close()

    async def _tell(self, changes: Collection[Change]) -> None:
        said: dict[object, bytes] = {}
        for listener in list(self._listeners):
            key = listener.audience.key
            if key not in said:
                said[key] = await self._message(listener.audience, changes)
            if said[key]:
                listener.put(said[key])

    async def _catch_up(self, listener: Listener, since_ms: int) -> None:
        is_full = len(self._kept) == KEPT and since_ms < self._kept[0][0]
        if self._since_ms is None or since_ms < self._since_ms - SLACK_MS or is_full:
            listener.put(AGAIN)
            return
        missed = [change for at_ms, change in self._kept if at_ms >= since_ms]
        if missed and (message := await self._message(listener.audience, missed)):
            listener.put(message)

    async def _message(self, audience: Audience, changes: Collection[Change]) -> bytes:
        """Lines of the stream; empty: it is nothing to them."""
        mine: frozenset[str] | None = None
        if audience.sees is not None:
            ids = sorted({change.id for change in changes if change.kind == "ticket"})
            try:
                mine = frozenset(await audience.sees(ids)) if ids else frozenset()
            except (TryLater, Problem):
                _log.info("a partner is told later: nobody says what it may see")
                return AGAIN
        says = told(changes, audience.kinds, mine)
        if says == Told():
            return b""
        data = msgspec.json.encode(says).decode()
        return f"id: {self._last_ms}\nevent: changed\ndata: {data}\n\n".encode()
