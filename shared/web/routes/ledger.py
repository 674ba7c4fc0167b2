"""/v1/ledger: how many distinct sequenced events this service has counted, and which are missing."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from shared.db import ledger_rows
from shared.web.routes.application import Running
from shared.web.times import Time

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get("")
async def cardinality(application: Running) -> dict[str, int]:
    """Distinct events by topic, exact; a topic nothing was counted of is absent.

    Reads the whole ledger: a row per source, stream, boot and 4,096 `seq`s.
    """
    async with application.engine.connect() as connection:
        return await ledger_rows.cardinality(connection)


class GapsBody(BaseModel):
    """A stream with numbers that nobody has told."""

    source: str
    stream: str
    gaps: int
    missing: int = Field(description="Numbers within the gaps.")
    last_at: Time = Field(description="Of the stream's latest event, as the source says.")


@router.get("/gaps")
async def gaps(
    application: Running,
    days: Annotated[int, Query(ge=1, le=90, description="Of sources heard within these.")] = 7,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    source: Annotated[
        str | None, Query(max_length=64, pattern=r"^[^\x00]*$", description="Only of this one.")
    ] = None,
) -> list[GapsBody]:
    """Streams with missing numbers, the most first. What was dropped by the device is not missing."""
    since = application.clock.now() - timedelta(days=days)
    async with application.engine.connect() as connection:
        return [GapsBody(**row) for row in await ledger_rows.gaps(connection, since, limit, source)]
