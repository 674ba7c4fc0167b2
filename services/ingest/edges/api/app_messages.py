"""`/v1/apps/messages`: a message of a play, for the apps of a customer; journey asks for it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from services.ingest.edges.api.units import Read
from services.ingest.edges.messages.telling import Telling
from shared.web.identities import StoredCustomer
from shared.web.state import of_state
from shared.web.times import Time

MOST_APPS = 50  # of one customer; who has more gets it in the first of them

router = APIRouter(prefix="/v1/apps/messages", tags=["apps"])
Teller = Annotated[Telling, Depends(of_state("telling"))]


class AppMessageIn(BaseModel):
    """A message as apps show it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customer: StoredCustomer
    id: str = Field(min_length=1, max_length=64, description="The same is shown once.")
    title: str = Field(max_length=500)
    text: str = Field(max_length=20_000)
    opens: str | None = Field(None, max_length=500, description="What the app opens on a click.")
    until: Time = Field(description="It is of use until then.")


class AppMessageOut(BaseModel):
    """Who had it."""

    apps: int = Field(description="That are the customer's now.")
    taken: int = Field(description="Of these, that were connected and have it from the broker.")


@router.post("", name="tell")
async def tell_apps(read: Read, teller: Teller, message: AppMessageIn) -> AppMessageOut:
    """Publish it on `down` of the customer's apps, QoS 1; nothing of it is kept here."""
    async with read() as store:
        rows = await store.reader.sources(
            "app", customer=message.customer, status="claimed", limit=MOST_APPS, after=None
        )
    shown = message.model_dump(mode="json", exclude={"customer"}, exclude_none=True)
    left_s = int((message.until - read.now()).total_seconds())
    apps = [row["id"] for row in rows[:MOST_APPS]]
    told = await teller.tell(apps, msgspec.json.encode({"message": shown}), max(left_s, 1))
    return AppMessageOut(apps=told.apps, taken=told.taken)
