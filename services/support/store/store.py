"""All of support's tables on one connection, in the order in which every writer locks them."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.customers.customers import Customers
from services.support.store.customers.erasing import Erasing
from services.support.store.customers.reveals import Reveals
from services.support.store.devices.devices import Devices
from services.support.store.faults.facts import FaultFacts
from services.support.store.faults.fault_keys import FaultKeys
from services.support.store.partners.secrets import Secrets
from services.support.store.partners.sharing import Organisations, Sharing
from services.support.store.tickets.history import TicketHistory
from services.support.store.tickets.tickets import Tickets


class Store:
    """Support's tables within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.devices = Devices(connection)
        self.fault_keys = FaultKeys(connection)
        self.tickets = Tickets(connection)
        self.fault_facts = FaultFacts(connection)
        self.history = TicketHistory(connection)
        self.customers = Customers(connection)
        self.organisations = Organisations(connection)
        self.sharing = Sharing(connection)
        self.reveals = Reveals(connection)
        self.secrets = Secrets(connection)
        self.erasing = Erasing(connection)
