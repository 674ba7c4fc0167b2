"""GET /v1/personal/{customer}: all that a service holds of one customer, its part of an export."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.handlers import audit as handle
from shared.web.guards.auth import Caller
from shared.web.identities import StoredCustomer
from shared.web.routes.application import Running
from shared.web.times import Time

Collect = Callable[[AsyncConnection, str, datetime], Awaitable[dict[str, Any]]]
"""Reads on one connection: rows by what they are, for a customer and the present moment."""

Customer = Annotated[StoredCustomer, Path()]


class Part(BaseModel):
    """What one service holds of a customer; of one it has never heard of, nothing."""

    service: str
    customer: str
    read_at: Time
    holds: dict[str, Any] = Field(description="Rows by what they are.")


async def part(
    engine: AsyncEngine, service: str, collect: Collect, customer: str, now: datetime
) -> Part:
    """Read it as of one moment."""
    async with engine.connect() as connection:
        snapshot = await connection.execution_options(isolation_level="REPEATABLE READ")
        holds = await collect(snapshot, customer, now)
    return Part(service=service, customer=customer, read_at=now, holds=holds)


def router(collect: Collect) -> APIRouter:
    """The one route; for journey, which makes one file of all parts."""
    api = APIRouter(prefix="/v1/personal", tags=["personal data"])

    @api.get("/{customer}")
    async def read_part(application: Running, who: Caller, customer: Customer) -> Part:
        """All that this service holds of a customer, as of one moment; audited."""
        held = await part(
            application.engine, application.service, collect, customer, application.clock.now()
        )
        async with application.begin(writing=False) as tx:
            handle.note_export(tx, who, customer)
        return held

    return api
