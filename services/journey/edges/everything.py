"""Everything about a customer, of this service and of the others: as one export has it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.journey.domain.days import seconds
from services.journey.edges.api import show
from services.journey.edges.others import Others
from services.journey.handlers.customers.create_customers import SERVICE
from services.journey.handlers.customers.read_customers import known
from services.journey.store.personal import HELD
from services.journey.store.store import Store
from shared.clock import Clock
from shared.db import held
from shared.errors import NotFound
from shared.web.routes import personal


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Journey's own part: profile, subscription, purchases, facts, stages, what it remembers."""
    everything: dict[str, Any] = dict(await held.collect(connection, HELD, customer))
    store = Store(connection)
    if await store.reader.find(customer) is not None:
        shown = show.whole(await known(store, customer, seconds(now)))
        everything["customer"] = shown.model_dump(mode="json")
    return everything


class Everything:
    """What all services hold of a customer."""

    def __init__(self, engine: AsyncEngine, clock: Clock, parts: Others) -> None:
        """Args: parts: of the other services."""
        self._engine = engine
        self._clock = clock
        self._parts = parts

    async def of(self, customer: str) -> tuple[datetime, dict[str, Any]]:
        """When it was read, and each service's part; all of it, or none.

        Raises: NotFound; PartMissing; PartsUnknown.
        """
        now = self._clock.now()
        own = await personal.part(self._engine, SERVICE, collect, customer, now)
        if "customer" not in own.holds:
            raise NotFound("customer", customer)
        return now, {SERVICE: own.model_dump(mode="json"), **await self._parts.of(customer)}
