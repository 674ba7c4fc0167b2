"""The registry in memory: what is needed to judge, loaded on a miss, dropped on a change."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.ingest.domain.messages.judge import MANY_BOOTS
from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.errors import Away
from services.ingest.store.sources.sources import to_source
from shared.db import trouble

_FETCH = text(
    """SELECT s.*,
      (SELECT jsonb_agg(jsonb_build_array(o.customer, o.since, o.until) ORDER BY o.since)
       FROM ownership o WHERE o.source = s.id) AS owners,
      (SELECT jsonb_object_agg(b.boot, b.last_seen) FROM boot b WHERE b.source = s.id) AS boots,
      (SELECT jsonb_agg(n.first_seen ORDER BY n.first_seen) FROM
        (SELECT first_seen FROM boot WHERE source = s.id ORDER BY first_seen DESC LIMIT :boots) n)
        AS begun
    FROM source s WHERE s.id = ANY(CAST(:ids AS text[])) AND s.version > 0"""
)


class Registry:
    """A bounded cache of sources; the least recently heard leave first.

    Attributes:
        forgotten: how often something was forgotten: what was looked up before may be of before.
    """

    def __init__(self, engine: AsyncEngine, size: int) -> None:
        self._engine = engine
        self._size = size
        self._sources: OrderedDict[str, Source] = OrderedDict()
        self._loading: list[set[str]] = []
        self._changing: Counter[str] = Counter()
        self.forgotten = 0

    def known(self, ids: Iterable[str]) -> tuple[dict[str, Source], set[str]]:
        """Those in memory, and the ids of those that are not."""
        by_id: dict[str, Source] = {}
        missing: set[str] = set()
        sources = self._sources
        for id_ in ids:
            source = sources.get(id_)
            if source is None:
                missing.add(id_)
            else:
                sources.move_to_end(id_)
                by_id[id_] = source
        return by_id, missing

    async def fetch(self, ids: set[str]) -> dict[str, Source]:
        """Load sources by one query and keep them; unknown ids are not in the answer.

        What changes while it is read is not kept, and `forgotten` says that there was such.

        Raises: Away: the database cannot be reached.
        """
        forgotten: set[str] = set()
        self._loading.append(forgotten)
        try:
            async with self._engine.connect() as connection:
                result = await connection.execute(_FETCH, {"ids": sorted(ids), "boots": MANY_BOOTS})
                known = {row["id"]: _source(row) for row in result.mappings()}
        except Exception as error:
            if trouble.is_passing(error):
                raise Away(str(error)) from error
            raise
        finally:
            self._loading.remove(forgotten)
        if "*" not in forgotten:
            self._sources.update((i, s) for i, s in known.items() if i not in forgotten)
        while len(self._sources) > self._size:
            self._sources.popitem(last=False)
        return known

    def in_change(self) -> set[str]:
        """Sources that are being changed here: whose they are is known when that has ended."""
        return set(self._changing)

    @contextmanager
    def changing(self, ids: Sequence[str]) -> Iterator[None]:
        """For as long as these are being changed; then they are loaded anew."""
        self._changing.update(ids)
        try:
            yield
        finally:
            self._changing -= Counter(ids)
            self.forget(ids)

    def forget(self, ids: Iterable[str]) -> None:
        """These have changed: load them anew when they are heard next."""
        self.forgotten += 1
        for id_ in ids:
            self._sources.pop(id_, None)
            for forgotten in self._loading:
                forgotten.add(id_)

    def clear(self) -> None:
        """We may have missed changes."""
        self.forgotten += 1
        self._sources.clear()
        for forgotten in self._loading:
            forgotten.add("*")


def _source(row: Any) -> Source:
    owners = [
        Ownership(customer, _moment(since), None if until is None else _moment(until))
        for customer, since, until in row["owners"] or ()
    ]
    source = to_source(row, owners)
    source.boots = {boot: _moment(at) for boot, at in (row["boots"] or {}).items()}
    source.begun = [_moment(at) for at in row["begun"] or ()]
    return source


def _moment(written: str) -> datetime:
    """A time inside a JSON value."""
    return datetime.fromisoformat(written)
