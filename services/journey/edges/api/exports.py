"""/v1/customers/{id}/export: everything about one customer as one file."""

import json
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.journey.edges.api.units import OfAllServices, Read
from services.journey.handlers.customers.read_customers import note_export
from shared.web.guards.fresh import SECOND_FACTOR
from shared.web.identities import KnownCustomer as Id
from shared.web.times import Time

router = APIRouter(prefix="/v1/customers", tags=["personal data"])


class Export(BaseModel):
    """Everything about one customer."""

    customer: str
    made_at: Time
    services: dict[str, Any] = Field(description="What each service holds, by service.")


@router.get("/{id}/export", response_model=Export, dependencies=[SECOND_FACTOR])
async def export_customer(read: Read, everything: OfAllServices, id_: Id) -> Response:
    """Everything about a customer, of all services, as one JSON file; all of it, or none."""
    now, services = await everything.of(id_)
    async with read.audited() as unit:
        note_export(unit, id_)
    export = Export(customer=id_, made_at=now, services=services).model_dump(mode="json")
    headers = {
        "Content-Disposition": f'attachment; filename="customer-{id_.replace(":", "-")}.json"',
        "Cache-Control": "no-store",
    }
    body = json.dumps(export, indent=2, ensure_ascii=False)
    return Response(body, media_type="application/json", headers=headers)
