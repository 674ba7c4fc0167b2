"""What ingest's routes work with."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.ingest.domain.rules import Rules
from services.ingest.edges.broker.monitor import Monitor
from services.ingest.edges.sources.changes import Changes
from services.ingest.handlers import ports
from services.ingest.store.store import Store
from shared.device_authority import DeviceAuthority
from shared.web import units
from shared.web.guards.auth import Caller
from shared.web.state import of_state
from shared.web.who import Who

__all__ = ["AtTheBroker", "Change", "Doors", "Read", "Unit"]

Unit = ports.Unit
Read = Annotated[units.Read[Store, Rules], Depends(units.read)]


class ChangeOf:
    """A route's argument: begins units of work that change the registry."""

    def __init__(self, changes: Changes, who: Who) -> None:
        self._changes = changes
        self._who = who

    @asynccontextmanager
    async def __call__(self, ids: Sequence[str] = ()) -> AsyncIterator[Unit]:
        """Begin one that changes these sources. Raises ClockNotStarted."""
        async with self._changes.begin(self._who, ids) as unit:
            yield unit


@dataclass(frozen=True)
class AtTheBroker:
    """What the MQTT broker has to do with credentials.

    Attributes:
        changed: told when the broker must know something new.
        authority: None: no certificates are issued here.
        monitor: None: nobody hears the broker.
    """

    changed: Callable[[], None]
    authority: DeviceAuthority | None
    monitor: Monitor | None


async def _change(
    changes: Annotated[Changes, Depends(of_state("changes"))], who: Caller
) -> ChangeOf:
    return ChangeOf(changes, who)


Change = Annotated[ChangeOf, Depends(_change)]
Doors = Annotated[AtTheBroker, Depends(of_state("broker"))]
