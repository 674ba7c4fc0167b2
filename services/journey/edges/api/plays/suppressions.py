"""/v1/suppressions: addresses that nothing is sent to any more, known by their hashes alone."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import Field, model_validator

from services.journey.domain.messages.suppression import Why
from services.journey.edges.api.units import Change, Read
from services.journey.handlers.messages import suppress
from shared.web.bodies import Body, View
from shared.web.identities import StoredCustomer
from shared.web.pages import After, Limit, Page, by_time, page
from shared.web.times import Time

Id = Annotated[
    str, Path(alias="id", pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the address.")
]

router = APIRouter(prefix="/v1/suppressions", tags=["plays"])


class SuppressionOut(View):
    """An address that nothing is sent to."""

    id: str = Field(validation_alias="hash", description="SHA-256 of the address.")
    at: Time
    why: str = Field(description="bounced, complained, asked; smtp_550: of an earlier release.")
    customer: str | None = Field(description="null: erased, or of an earlier release.")
    who: str | None = Field(description="Subject of a token; null: a mail server said so.")


class SuppressIn(Body):
    """Whose address, and why: one of `customer` and `message`."""

    why: Why
    customer: StoredCustomer | None = None
    message: str | None = Field(
        None, max_length=200, description="Message-ID of a mail of ours that came back."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.customer is None) == (self.message is None):
            raise ValueError("expected one of `customer` and `message`")
        return self


class LiftIn(Body):
    """Why something may be sent there again."""

    reason: str = Field(min_length=3, max_length=200, description="Kept for good: names nobody.")


@router.get("")
async def list_suppressions(
    read: Read, why: Annotated[str | None, Query(max_length=40)] = None, limit: Limit = 50,
    after: After = None,
) -> Page[SuppressionOut]:  # fmt: skip
    """The newest first; an address itself is not kept here."""
    async with read() as store:
        rows = await store.suppressions.listed(why, by_time(after), limit + 1)
    return page(rows, limit, SuppressionOut.model_validate, lambda row: (row.at, row.hash))


@router.post("")
async def suppress_address(change: Change, asked: SuppressIn) -> SuppressionOut:
    """Nothing is sent to a customer's address any more: it bounced, they complained, or asked for it."""
    async with change() as unit:
        whose = asked.customer or (await suppress.sent_as(unit, asked.message or "")).customer
        return SuppressionOut.model_validate(await suppress.suppress(unit, whose, asked.why))


@router.post("/{id}/lift", status_code=204)
async def lift_suppression(change: Change, id_: Id, said: LiftIn) -> None:
    """Something may be sent there again: the address works, or its owner wants mails."""
    async with change() as unit:
        await suppress.lift(unit, id_, said.reason)
