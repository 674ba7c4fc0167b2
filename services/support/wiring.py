"""The only place that builds an adapter."""

from sqlalchemy.ext.asyncio import AsyncEngine

from services.support.domain.customers.reveals import MOST
from services.support.domain.rules import Rules
from services.support.domain.tickets.history import SERVICE
from services.support.edges import consumer
from services.support.edges.contacts import OfJourney
from services.support.edges.rights import RIGHTS, ROUTERS
from services.support.errors import (
    ContactHidden,
    ContactUnknown,
    CustomerUnknown,
    NewerTicketOpen,
    NotTheirDevice,
    TicketOpen,
    TicketResolved,
)
from services.support.handlers.customers.erase_customers import erase_customers
from services.support.handlers.faults.fire_due import fire_due
from services.support.settings import Settings
from services.support.store.store import Store
from services.support.store.tables import fault_key
from shared.assembly import Service
from shared.clock import Clock
from shared.stream.timers import Timer
from shared.stream.units import Units
from shared.web.client.client import ServiceClient, as_ourselves
from shared.web.guards.hourly import Hourly

STATUS: dict[type[Exception], int] = {
    TicketResolved: 409,
    TicketOpen: 409,
    NewerTicketOpen: 409,
    ContactHidden: 403,
    ContactUnknown: 404,
    CustomerUnknown: 422,
    NotTheirDevice: 422,
}


def build(settings: Settings, engine: AsyncEngine, clock: Clock) -> Service:
    """Support, ready to run."""
    rules = Rules(wake_within=settings.wake_within, recovery_hold=settings.recovery_hold)
    units = Units(SERVICE, engine, clock, Store, rules)
    others = as_ourselves(settings.console_url, settings.client_key_file, settings.ca_file)
    return Service(
        name=SERVICE,
        engine=engine,
        clock=clock,
        handlers=units.handlers(consumer.HANDLERS),
        erase=units.each(erase_customers),
        timers=(Timer(units.due(fire_due), fault_key.c.due_at),),
        routers=ROUTERS,
        rights=RIGHTS,
        errors=STATUS,
        at_end=() if others is None else (others.close,),
        state={
            "units": units,
            "contacts": _contacts(settings, others),
            "hourly": Hourly(MOST, MOST),
        },
    )


def _contacts(settings: Settings, others: ServiceClient | None) -> OfJourney | None:
    """Where contact data comes from; None where the settings do not say."""
    if others is None or not settings.journey_url:
        return None
    return OfJourney(others.peer("journey", settings.journey_url))
