"""What the handlers need of terms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from services.journey.domain.renewals.outcome import Decided, Whose


class Renewals(Protocol):
    """Terms by their ends; see store/renewals.py."""

    async def listed(
        self,
        since: datetime,
        until: datetime,
        after: tuple[datetime, str] | None,
        limit: int,
        whose: Whose,
    ) -> Sequence[Any]: ...
    async def decided(self, customer_: str, term_ends: datetime) -> Any | None: ...
    async def decide(self, decided: Decided) -> None: ...
