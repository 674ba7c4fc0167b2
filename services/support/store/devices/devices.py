"""The rows of devices: held before anything else that is a ticket's."""

from collections.abc import Iterable

from msgspec.structs import asdict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.domain.devices.device import Device
from services.support.store.tables import device
from shared.db import rows


class Devices:
    """Devices, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hold(self, ids: Iterable[str]) -> dict[str, Device]:
        """Lock the devices, a placeholder for each one not known yet."""
        held = await rows.lock(self._connection, device, ids, seed={})
        return {id_: Device(**row) for id_, row in held.items()}

    async def write(self, devices: Iterable[Device]) -> None:
        """Write devices that are held."""
        await rows.update(
            self._connection, device, [asdict(known_device) for known_device in devices]
        )

    async def read(self, id_: str) -> Device | None:
        """One device as last committed."""
        query = select(device).where(device.c.id == id_)
        row = (await self._connection.execute(query)).mappings().one_or_none()
        return None if row is None else Device(**row)

    async def of_customer(self, customer: str) -> list[Device]:
        """A customer's devices as last committed, by id."""
        query = select(device).where(device.c.customer == customer).order_by(device.c.id)
        return [Device(**row) for row in (await self._connection.execute(query)).mappings()]
