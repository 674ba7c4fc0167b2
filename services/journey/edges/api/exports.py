"""/v1/customers/{id}/export: everything about one customer as one file."""

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.journey.domain.days import seconds
from services.journey.edges.api import show
from services.journey.edges.parts import Parts
from services.journey.errors import CustomerNotFound
from services.journey.handlers.create_customers import SERVICE
from services.journey.store.readers import CustomerReader
from shared.audited import entry
from shared.clock import Clock
from shared.db import audit, part
from shared.web import personal
from shared.web.fresh import Stepped
from shared.web.identities import KnownCustomer as Id
from shared.web.times import Time

_QUERIES = {
    "erasure": "SELECT * FROM erasure WHERE customer = :customer",
    "stages": "SELECT * FROM stage_history WHERE customer = :customer ORDER BY n",
    "profile": "SELECT * FROM customer_profile WHERE customer = :customer",
    "used": "SELECT * FROM quarter_use WHERE customer = :customer ORDER BY quarter",
    "remembered": """SELECT CAST(convert_from(state, 'UTF8') AS json) AS state FROM customer_state
      WHERE customer = :customer""",
}


class Export(BaseModel):
    """Everything about one customer."""

    customer: str
    made_at: Time
    services: dict[str, Any] = Field(description="What each service holds, by service.")


async def collect(connection: AsyncConnection, customer: str, now: datetime) -> dict[str, Any]:
    """Journey's own part: profile, subscription, purchases, facts, stages, what it remembers."""
    found: dict[str, Any] = dict(await part.collect(connection, _QUERIES, customer))
    if await CustomerReader(connection).find(customer) is not None:
        shown = await show.whole(connection, customer, seconds(now))
        found["customer"] = shown.model_dump(mode="json")
    return found


def router(engine: AsyncEngine, clock: Clock, parts: Parts) -> APIRouter:
    """The route of exports."""
    made = APIRouter(prefix="/v1/customers", tags=["personal data"])

    @made.get("/{id}/export", response_model=Export)
    async def export_customer(id_: Id, who: Stepped) -> Response:
        """Everything about a customer, of all services, as one JSON file; all of it, or none."""
        now = clock.now()
        own = await personal.part(engine, SERVICE, collect, id_, now)
        if "customer" not in own.holds:
            raise CustomerNotFound(id_)
        services = {SERVICE: own.model_dump(mode="json"), **await parts.of(id_)}
        async with engine.begin() as connection:
            await audit.record(connection, [entry(who, "customer.export", "customer", id_)])
        found = Export(customer=id_, made_at=now, services=services).model_dump(mode="json")
        headers = {
            "Content-Disposition": f'attachment; filename="customer-{id_.replace(":", "-")}.json"',
            "Cache-Control": "no-store",
        }
        body = json.dumps(found, indent=2, ensure_ascii=False)
        return Response(body, media_type="application/json", headers=headers)

    return made
