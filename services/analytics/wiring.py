"""The only place that builds an adapter."""

from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.edges import consumer
from services.analytics.edges.rights import RIGHTS, ROUTERS
from services.analytics.errors import SnoozeTooLong
from services.analytics.handlers.customers.erase_customers import erase_customers
from services.analytics.handlers.days.close_days import close_days
from services.analytics.settings import Settings
from services.analytics.store.store import Store
from services.analytics.store.tables import region_clock
from shared.assembly import Service
from shared.clock import Clock
from shared.stream.timers import Timer
from shared.stream.units import Units

STATUS: dict[type[Exception], int] = {SnoozeTooLong: 422}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Analytics, ready to run."""
    units = Units("analytics", engine, clock, Store, None)
    return Service(
        name="analytics",
        engine=engine,
        clock=clock,
        handlers=units.handlers(consumer.HANDLERS),
        erase=units.each(erase_customers),
        timers=(Timer(units.due(close_days), region_clock.c.due_at),),
        routers=ROUTERS,
        rights=RIGHTS,
        errors=STATUS,
        state={"units": units},
    )
