"""A handler's desk in one transaction."""

from services.journey.domain.journey_map import JourneyMap
from services.journey.handlers.ports import Desk
from services.journey.store.customers import Customers
from services.journey.store.holdings import Owned
from shared.stream.transaction import Transaction


def desk(tx: Transaction, journey: JourneyMap) -> Desk:
    """Stores on the transaction's connection, its outbox and its moment."""
    return Desk(Customers(tx.connection), Owned(tx.connection), tx.emit, journey, tx.now)
