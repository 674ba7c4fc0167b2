"""A customer's days for the HTTP interface: totals where final, else from recent inputs."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.analytics.domain.customers.at_closing import NOBODY
from services.analytics.domain.customers.customer import Description
from services.analytics.domain.customers.members import Marks
from services.analytics.domain.days.day_calendar import DayCalendar
from services.analytics.domain.days.local_day import quarter_of
from services.analytics.domain.days.local_items import on_local_days
from services.analytics.domain.days.totals import DaySum, by_day, totals
from services.analytics.store.customers.customers import Customers
from services.analytics.store.days.day_calendars import DayCalendars
from services.analytics.store.days.day_inputs import DayInputs
from services.analytics.store.days.recent_inputs import RecentInputs
from services.analytics.store.tables import state


class Days:
    """Never written here."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def last(self, customer: str, last: int) -> dict[date, DaySum] | None:
        """As many days up to the newest with input; None of a customer nobody has heard of.

        What is not final yet is put on the days of the zones the customer is known to have been in.
        """
        history = await Customers(self._connection).history(customer)
        if history is None:
            return None
        day_sums = await DayInputs(self._connection).last_days(customer, last)
        for day, more in (await self._recent(customer, history or (NOBODY,))).items():
            day_sums[day] = day_sums.get(day, DaySum()) | more
        after = max(day_sums, default=date.max) - timedelta(days=last)
        return {day: day_sum for day, day_sum in sorted(day_sums.items()) if day > after}

    async def _recent(self, customer: str, history: tuple[Description, ...]) -> dict[date, DaySum]:
        packed = await RecentInputs(self._connection).of(customer)
        if not packed:
            return {}
        clocks = await DayCalendars(self._connection).read()
        clock = clocks.get(history[-1].region, DayCalendar({}))
        placed = on_local_days(packed, [0] * len(packed), [history])
        done = (await self._marks(customer)).cover(placed)
        return by_day(totals(placed, ~done, lambda day: quarter_of(clock.closes(day))))

    async def _marks(self, customer: str) -> Marks:
        """Which of the inputs are in the totals already."""
        query = select(state.c.day, state.c.heard_until).where(state.c.customer == customer)
        row = (await self._connection.execute(query)).one_or_none()
        day, heard = (None, None) if row is None else (row.day, row.heard_until)
        return Marks.one(day, heard)
