"""The only place that builds an adapter."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from services.support.domain.progress import SERVICE
from services.support.domain.rules import Rules
from services.support.edges import consumer
from services.support.edges.api import tickets
from services.support.edges.rights import RIGHTS
from services.support.errors import (
    NewerTicketOpen,
    TicketChangedSince,
    TicketNotFound,
    TicketOpen,
    TicketResolved,
)
from services.support.settings import Settings
from services.support.store.store import Store
from shared.clock import Clock
from shared.wired import Service

STATUS: dict[type[Exception], int] = {
    TicketNotFound: 404,
    TicketResolved: 409,
    TicketOpen: 409,
    NewerTicketOpen: 409,
    TicketChangedSince: 412,
}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Support, ready to run."""
    rules = Rules(wake_within=settings.wake_within, recovery_hold=settings.recovery_hold)
    given = consumer.Given(Store, rules)
    return Service(
        name=SERVICE,
        engine=engine,
        clock=clock,
        handlers=consumer.bound(given),
        timers=(partial(consumer.timers, given),),
        routers=(tickets.router,),
        rights=RIGHTS,
        errors=STATUS,
        state={"rules": rules, "store": Store},
    )
