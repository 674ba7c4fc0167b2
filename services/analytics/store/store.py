"""All tables over one connection: what wiring hands to the handlers."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.store.customers.customers import Customers
from services.analytics.store.customers.erasing import Erasing
from services.analytics.store.days.closings import Closings
from services.analytics.store.days.day_calendars import DayCalendars
from services.analytics.store.days.day_inputs import DayInputs
from services.analytics.store.days.days import Days
from services.analytics.store.days.reach import Reach
from services.analytics.store.days.recent_inputs import RecentInputs
from services.analytics.store.risks.contacts import Contacts
from services.analytics.store.risks.declines import Declines
from services.analytics.store.risks.heads import Heads
from services.analytics.store.risks.outages import Outages
from services.analytics.store.risks.risks import Risks
from services.analytics.store.risks.snoozes import Snoozes
from services.analytics.store.tables import cancellation_head


class Store:
    """The stores, in the order in which they are locked."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.customers = Customers(connection)
        self.day_calendars = DayCalendars(connection)
        self.recent_inputs = RecentInputs(connection)
        self.day_inputs = DayInputs(connection)
        self.closings = Closings(connection)
        self.heads = Heads(connection)
        self.cancellation_heads = Heads(connection, cancellation_head)
        self.days = Days(connection)
        self.reach = Reach(connection)
        self.risks = Risks(connection)
        self.outages = Outages(connection)
        self.declines = Declines(connection)
        self.contacts = Contacts(connection)
        self.snoozes = Snoozes(connection)
        self.erasing = Erasing(connection)
