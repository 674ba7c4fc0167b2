"""All of journey's tables on one connection."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.store.customers import Customers
from services.journey.store.erasures import Erasures
from services.journey.store.holdings import Owned
from services.journey.store.readers import CustomerReader


class Store:
    """Journey's tables within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.customers = Customers(connection)
        self.owned = Owned(connection)
        self.erasures = Erasures(connection)
        self.reader = CustomerReader(connection)
