"""What only this installation knows."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.support.store.tables import secret
from shared import ids

REFERENCES = "references"


class Secrets:
    """Random bytes by name, within the caller's transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def references(self) -> bytes:
        """What partners' names for customers are made with; drawn when it is first asked for.

        It stays beside the customers' ids: whoever reads this table needs no reference to find them.
        """
        query = select(secret.c.value).where(secret.c.name == REFERENCES)
        hashed = (await self._connection.execute(query)).scalar_one_or_none()
        if hashed is not None:
            return bytes(hashed)
        drawn = insert(secret).values(name=REFERENCES, value=bytes.fromhex(ids.random_hex(256)))
        await self._connection.execute(drawn.on_conflict_do_nothing())
        return bytes((await self._connection.execute(query)).scalar_one())
