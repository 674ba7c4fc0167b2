"""What was offered to a customer and what may be, on their page; what was offered is a file too."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.people import names
from services.console.edges.pages.view import View
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.products import Made

router = APIRouter(include_in_schema=False)
SHOWN = 10  # the newest that were made
COLUMNS = (
    *("id", "kind", "product", "name", "list_price", "price", "made_at", "made_by", "play"),
    *("valid_until", "state", "settled_at", "settled_by"),
)


async def load(view: View) -> Mapping[str, Any]:
    """What the panel shows."""
    customer = view.request.path_params["customer"]
    offers, offered = await asyncio.gather(
        view.ask.products.offers(customer),
        view.ask.products.made(customer, {"limit": str(SHOWN)}),
    )
    return {
        "offers": offers,
        "made": offered.items,
        "people": await names(view, [offer.made_by for offer in offered.items]),
        "customer": customer,
    }


async def _page(view: View, after: str | None) -> Found[Made]:
    wanted = {"limit": str(MANY)}
    customer = view.request.path_params["customer"]
    return await view.ask.products.made(customer, paged(wanted, after))


files.serve(router, "/customers/{customer}", (File("offers", COLUMNS, _page),))
