"""Which customers exist, as far as ingest needs to know."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingest.store.tables import known_customer
from shared.db import rows


class Customers:
    """The known_customer table inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def versions(self, customers: Iterable[str]) -> dict[str, int]:
        """Versions by customer, locked; 0 where nothing was known."""
        held = await rows.lock(self._connection, known_customer, customers, seed={})
        return {customer: row["version"] for customer, row in held.items()}

    async def write(self, changed: Mapping[str, tuple[int, bool]]) -> None:
        """Set version and erasure by customer."""
        written: list[dict[str, Any]] = [
            {"customer": customer, "version": version, "erased": erased}
            for customer, (version, erased) in sorted(changed.items())
        ]
        await rows.update(self._connection, known_customer, written)
