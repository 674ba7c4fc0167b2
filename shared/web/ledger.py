"""GET /v1/ledger: how many distinct sequenced events this service has counted, by topic."""

from fastapi import APIRouter, Request

from shared.db import ledger

router = APIRouter(tags=["runtime"])


@router.get("/v1/ledger")
async def read_ledger(request: Request) -> dict[str, int]:
    """Distinct sequenced events counted, by topic: each exactly once, duplicates left out."""
    async with request.app.state.engine.begin() as connection:
        return await ledger.cardinality(connection)
