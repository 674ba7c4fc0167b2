"""The only place that builds an adapter."""

from sqlalchemy.ext.asyncio import AsyncEngine

from services.analytics.edges import consumer
from services.analytics.edges.api import customers, findings, risks
from services.analytics.edges.rights import RIGHTS
from services.analytics.errors import CustomerNotFound
from services.analytics.settings import Settings
from services.analytics.store import part
from services.analytics.store.tables import region_clock
from shared.clock import Clock
from shared.web import personal
from shared.wired import Service

STATUS: dict[type[Exception], int] = {CustomerNotFound: 404}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Analytics, ready to run."""
    return Service(
        name="analytics",
        engine=engine,
        clock=clock,
        handlers=consumer.HANDLERS,
        erase=consumer.erase,
        timers=(consumer.close_days,),
        due=(region_clock.c.due_at,),
        routers=(
            customers.router,
            risks.router,
            findings.router,
            personal.router(part.collect),
        ),
        rights=RIGHTS,
        errors=STATUS,
    )
