"""The vendor's work in time: each day's is done when the day begins, or beside the day before."""

import asyncio
from collections.abc import Callable

from tools.fleet.crowd import Crowd
from tools.fleet.radio import Radio
from tools.fleet.registry import Office
from tools.fleet.script import DAY_S

Connected = Callable[[], tuple[Radio, Office]]


class Desk:
    """Who registers, claims, renews and retires while the fleet lives."""

    def __init__(self, crowd: Crowd, end: int, connected: Connected) -> None:
        """Args: end: UTC second when history ends; connected: raises while there is no system."""
        self._crowd = crowd
        self._end = end
        self._connected = connected
        self._next_day = 0
        self._retiring: list[str] = []
        self._ahead: asyncio.Task[None] | None = None  # the next day's work, under way

    async def work(self, now: int, *, ahead: bool = False) -> None:
        """See that the work of all days that have begun by `now` is done.

        Args:
            ahead: begin the next day's beside what follows: servers' answers take their time.
        """
        start = self._crowd.start
        while start + self._next_day * DAY_S <= now:
            await (self._ahead or self._day(self._next_day))
            self._ahead = None
            self._next_day += 1
            if ahead and start + self._next_day * DAY_S < self._end:
                self._ahead = asyncio.create_task(self._day(self._next_day))
        await self.retire()

    async def retire(self) -> None:
        """Retire who has been acked to the end; the others ask, and nobody waits for them.

        Retired too early, their last events would be refused.
        """
        radio, office = self._connected()
        waiting, self._retiring = self._retiring, []
        for device in waiting:
            source = self._crowd.sources.get(device)
            if source is not None and radio.is_waiting(source):
                self._retiring.append(device)
            else:
                await office.retire(device)
                if source is not None:
                    radio.leave(source)

    def stop(self) -> None:
        """Give up the day that is under way."""
        if self._ahead is not None:
            self._ahead.cancel()

    async def _day(self, day: int) -> None:
        radio, office = self._connected()
        work = self._crowd.vendor.day(day)
        if work:
            await office.do(work)
            # now, not when they join: the broker takes a password a second or two later
            await radio.let_in("devices", [str(row[0]) for row in work.devices])
            await radio.let_in("apps", [str(row[0]) for row in work.apps])
            self._retiring += work.retire
