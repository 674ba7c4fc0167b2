"""/v1/deliveries: what shops sent that could not be done: looked at, put back, discarded."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.journey.edges.api.units import Change, Read
from services.journey.handlers.deliveries import deliver
from shared.web.bodies import View
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time

Id = Annotated[
    str, Path(alias="id", max_length=300, pattern=r"^[a-z0-9-]+/[A-Za-z0-9._:-]+$",
              description="As listed, percent-encoded."),
]  # fmt: skip

router = APIRouter(prefix="/v1/deliveries", tags=["deliveries"])


class DeliveryOut(View):
    """Something a shop sent that is kept."""

    id: str = Field(description="Shop and `webhook-id`.")
    shop: str
    kind: str | None = Field(
        description="Their word for what happened; null: it could not be read."
    )
    sent_at: Time
    received_at: Time
    why: str | None = Field(description="It could not be done.")
    customer: str | None


class DeliveryShown(DeliveryOut):
    """The same with what it says."""

    body: str


class Replayed(BaseModel):
    """What has become of it."""

    state: str = Field(description="done; ignored: of no matter here.")


@router.get("")
async def list_deliveries(
    read: Read, limit: Limit = 50, after: After = None
) -> Page[DeliveryOut]:  # fmt: skip
    """What is kept, the oldest first, without what it says."""
    async with read() as store:
        rows = await store.deliveries.listed(by_time(after), limit + 1)
    return page(rows, limit, DeliveryOut.model_validate, lambda row: (row.received_at, row.id))


@router.get("/{id:path}")
async def read_delivery(read: Read, id_: Id) -> DeliveryShown:
    """One that is kept with what it says, which may be personal: audited."""
    async with read.audited() as unit:
        return DeliveryShown.model_validate(await deliver.read(unit, id_))


@router.post("/{id:path}/replay")
async def replay_delivery(change: Change, id_: Id) -> Replayed:
    """Do it, as the playbook understands it now; 422 says why it still cannot be done."""
    async with change() as unit:
        outcome = await deliver.replay(unit, id_)
    return Replayed(state=outcome.became)


@router.post("/{id:path}/discard", status_code=204)
async def discard_delivery(change: Change, id_: Id) -> None:
    """It will never be done; its content is dropped."""
    async with change() as unit:
        await deliver.discard(unit, id_)
