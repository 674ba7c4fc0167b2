"""A unit of work in which the registry changes: no bucket judges by what is being changed."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

from services.ingest.domain.rules import Rules
from services.ingest.errors import ClockNotStarted
from services.ingest.handlers.ports import Unit
from services.ingest.store.sources.registry import Registry
from services.ingest.store.store import Store
from shared.clock import StreamClock
from shared.stream.units import Units
from shared.web.who import Who


class Changes:
    """Begins them."""

    def __init__(
        self, units: Units[Store, Rules], registry: Registry, released: Callable[[], None]
    ) -> None:
        """Take what they need.

        Args:
            registry: what is known in memory; it is loaded anew once the change is committed.
            released: told when one has ended.
        """
        self._units = units
        self._registry = registry
        self._released = released

    @asynccontextmanager
    async def begin(self, who: Who, ids: Sequence[str] = ()) -> AsyncIterator[Unit]:
        """Begin a unit of work that changes these sources.

        Raises: ClockNotStarted.
        """
        clock = self._units.clock
        if isinstance(clock, StreamClock) and not clock.started:
            raise ClockNotStarted
        with ExitStack() as until_committed:
            until_committed.callback(self._released)
            async with self._units.begin(who) as unit:
                until_committed.enter_context(self._registry.changing(ids))
                # whatever was judged before was received before
                yield replace(unit, now=clock.now())
