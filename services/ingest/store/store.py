"""The registry's tables on one connection, for people and for news of customers."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.store.credentials.credentials import Credentials
from services.ingest.store.customers.customers import Customers
from services.ingest.store.customers.erasing import Erasing
from services.ingest.store.sources.reader import Reader
from services.ingest.store.sources.sources import Sources


class Store:
    """Ingest's tables within one transaction; what devices send is written by store/messages/plans.py."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.registry = Sources(connection)
        self.credentials = Credentials(connection)
        self.customers = Customers(connection)
        self.erasing = Erasing(connection)
        self.reader = Reader(connection)
