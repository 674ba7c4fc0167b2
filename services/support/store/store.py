"""All of support's tables on one connection, in the order in which every writer locks them."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.customers import Customers
from services.support.store.devices import Devices
from services.support.store.erasing import Erasing
from services.support.store.fault_keys import FaultKeys
from services.support.store.reveals import Reveals
from services.support.store.secrets import Secrets
from services.support.store.sharing import Organisations, Sharing
from services.support.store.ticket_history import TicketHistory
from services.support.store.tickets import Tickets


class Store:
    """Support's tables within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.devices = Devices(connection)
        self.fault_keys = FaultKeys(connection)
        self.tickets = Tickets(connection)
        self.history = TicketHistory(connection)
        self.customers = Customers(connection)
        self.organisations = Organisations(connection)
        self.sharing = Sharing(connection)
        self.reveals = Reveals(connection)
        self.secrets = Secrets(connection)
        self.erasing = Erasing(connection)
