"""GET /v1/ledger: how many distinct sequenced events this service has counted, by topic."""

from fastapi import APIRouter

from shared.db import ledger
from shared.web.routes.application import Running

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("")
async def cardinality(application: Running) -> dict[str, int]:
    """Distinct events by topic, exact; a topic nothing was counted of is absent.

    Reads the whole ledger: a row per source, stream, boot and 4,096 `seq`s.
    """
    async with application.engine.connect() as connection:
        return await ledger.cardinality(connection)
