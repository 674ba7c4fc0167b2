"""The rows of customers' devices: held after the customers."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.customers.device import Device
from services.journey.store.tables import device
from shared.db import rows


class Devices:
    """Within one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Device]:
        """Lock devices, a placeholder for each one not known yet."""
        held = await rows.lock(self._connection, device, ids, seed={"version": 0})
        return {id_: Device(**row) for id_, row in held.items()}

    async def save(self, devices: Iterable[Device]) -> None:
        """Write devices that are held."""
        await rows.update(self._connection, device, [asdict(changed) for changed in devices])
