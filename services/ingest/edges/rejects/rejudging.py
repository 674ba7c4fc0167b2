"""What was refused for the registry's sake is judged again when the registry has changed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from services.ingest.domain.failure import failure
from services.ingest.domain.messages.addresses import BUCKETS, bucket_of
from services.ingest.domain.messages.message import Message
from services.ingest.errors import Away
from shared import log
from shared.clock import monotonic

AT_ONCE = 500  # sources
PAGE = 200  # rejects, up to 64 KiB each
PAUSE_S = 0.5  # between pages: what devices send now goes first
RETRY_S = 1.0
RECENT_S = 60.0  # longer than a chunk takes from being judged to being stored
MANY = 200_000

_log = log.get("ingest.again")


class Curable(Protocol):
    """Stored rejects. Raises Away."""

    async def of_sources(
        self, ids: Sequence[str], limit: int, last: Mapping[str, Any] | None
    ) -> Sequence[Mapping[str, Any]]: ...
    async def sources(self) -> Sequence[str]: ...  # registered, with curable rejects


class Rejudging:
    """Puts curable rejects back into the bridge's queue, with their original receive time."""

    def __init__(
        self, curable: Curable, deliver: Callable[[list[Message]], None], owned: str = BUCKETS
    ) -> None:
        self._curable = curable
        self._deliver = deliver
        self._owned = owned
        self._ids: dict[str, None] = {}
        self._heard: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._look = True  # for all sources there are: at the start, and after missed notices
        self._looked_at = -RECENT_S

    def missed(self) -> None:
        """Changes of the registry may have been missed, or the catalogue is a new one."""
        self._look = True
        self._changed.set()

    def changed(self, ids: Sequence[str]) -> None:
        """The registry has changed for these sources."""
        ours = [id_ for id_ in ids if bucket_of(id_) in self._owned]
        self._ids.update(dict.fromkeys(ours))
        if len(self._heard) > MANY:
            self._heard.clear()
        self._heard.update(dict.fromkeys(ours, monotonic()))
        self._changed.set()

    def stored(self, sources: Iterable[str]) -> None:
        """Rejects of unknown sources have just been stored.

        The registry may have changed between judging and storing, and its notice have come too
        early to find them: then they are judged again now.
        """
        soon = monotonic() - RECENT_S
        looked = self._looked_at > soon
        late = [id_ for id_ in sources if looked or self._heard.get(id_, soon) > soon]
        if late:
            self.changed(late)

    async def run(self) -> None:
        """Work until cancelled; begins with all that may be taken by now."""
        self._changed.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._look:
                self._look, self._looked_at = False, monotonic()
                await self._everybody()
            await self._sources()

    async def _everybody(self) -> None:
        try:
            await self._patiently(self._find)
        except Exception as error:  # noqa: BLE001 - the net
            _log.error("who has rejects to judge again is not known", extra=failure(error))

    async def _find(self) -> None:
        self.changed(list(await self._curable.sources()))

    async def _sources(self) -> None:
        """One look per source: what is refused again stays where it is."""
        while self._ids:
            ids = list(self._ids)[:AT_ONCE]
            await self._judge(ids)
            for id_ in ids:
                self._ids.pop(id_, None)

    async def _judge(self, ids: Sequence[str]) -> None:
        """Of many sources that fail for an unknown reason only the one is left out."""
        try:
            await self._patiently(partial(self._pages, ids))
        except Exception as error:  # noqa: BLE001 - the net
            if len(ids) == 1:
                _log.error("rejects of %s cannot be judged again", ids[0], extra=failure(error))
                return
            half = len(ids) // 2
            await self._judge(ids[:half])
            await self._judge(ids[half:])

    async def _pages(self, ids: Sequence[str]) -> None:
        last: Mapping[str, Any] | None = None
        while True:
            page = await self._curable.of_sources(ids, PAGE, last)
            if page:
                _log.info("judging %d rejects again", len(page))
                self._deliver(
                    [
                        Message(r["topic"], r["payload"], r["received_at"], again=r["id"])
                        for r in page
                    ]
                )
            if len(page) < PAGE:
                return
            last = page[-1]
            await asyncio.sleep(PAUSE_S)

    @staticmethod
    async def _patiently(step: Callable[[], Any]) -> None:
        while True:
            try:
                await step()
            except Away:
                await asyncio.sleep(RETRY_S)
            else:
                return
