"""/v1/portfolios and /v1/customers/{id}/csm: which CSM looks after whom, and hand-overs."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response
from pydantic import Field, model_validator

from services.journey.domain.portfolios.portfolio import MOST
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.portfolios import portfolios
from shared.web import etags
from shared.web.bodies import Body, View
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer as Id
from shared.web.identities import StoredCustomer
from shared.web.times import Time

Csm = Annotated[str, Field(pattern=r"^account:[A-Za-z0-9-]{1,64}$", examples=["account:5f0c"])]
HandOverId = Annotated[str, Path(alias="id", pattern=r"^[0-9a-f-]{1,64}$")]

router = APIRouter(prefix="/v1", tags=["customers"])


class CsmIn(Body):
    """Who looks after a customer."""

    csm: Csm | None = Field(description="An account; null: nobody.")


class CsmOut(View):
    """Who looks after a customer."""

    csm: str | None = None
    since: Time | None = None
    who: str | None = Field(None, description="Who said so.")


class HandOverIn(Body):
    """Whose customers go to whom."""

    from_: Csm | None = Field(None, alias="from", description="Whose; null: whoever has them.")
    to: Csm | None = Field(description="null: nobody looks after them.")
    customers: Annotated[list[StoredCustomer], Field(min_length=1, max_length=MOST)] | None = Field(
        None, description="Left out: all that `from` has."
    )

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if self.from_ is None and self.customers is None:
            raise ValueError("`from`, `customers` or both")
        return self


class MovedOut(View):
    """What a hand-over came to."""

    id: str = Field(description="By which it is undone.")
    customers: int
    left: int = Field(description="Of whom nothing changed.")


class PortfolioOut(View):
    """How many customers a CSM has."""

    csm: str
    customers: int


@router.get("/portfolios")
async def list_portfolios(read: Read) -> list[PortfolioOut]:
    """How many customers each CSM has."""
    async with read() as store:
        return [PortfolioOut.model_validate(row) for row in await store.portfolios.sizes()]


@router.post("/portfolios/hand-over", response_model=MovedOut)
async def hand_over(once: ChangeOnce, wish: HandOverIn) -> Response:
    """Give a whole portfolio, or some customers, to another CSM: in one transaction."""

    async def work(unit: Unit) -> MovedOut:
        moved = await portfolios.hand_over(unit, wish.from_, wish.to, wish.customers)
        return MovedOut.model_validate(moved)

    return await once(200, work)


@router.post("/portfolios/hand-overs/{id}/undo", response_model=MovedOut)
async def undo_hand_over(once: ChangeOnce, id_: HandOverId) -> Response:
    """All go back to whom they had before, but for who was handed on since."""

    async def work(unit: Unit) -> MovedOut:
        return MovedOut.model_validate(await portfolios.undo(unit, id_))

    return await once(200, work)


@router.get("/customers/{id}/csm")
async def read_csm(read: Read, response: Response, id_: Id) -> CsmOut:
    """Who looks after a customer, with the ETag a change names."""
    async with read() as store:
        return _answer(response, await portfolios.read(store, id_))


@router.put("/customers/{id}/csm")
async def put_csm(
    change: Change, response: Response, id_: Id, wish: CsmIn, if_match: IfMatch = None
) -> CsmOut:
    """This CSM looks after the customer from now on."""
    async with change() as unit:
        present = await portfolios.set_csm(
            unit, id_, wish.csm, lambda before: etags.check(if_match, _etag(before))
        )
        return _answer(response, present)


def _answer(response: Response, present: Any | None) -> CsmOut:
    response.headers["ETag"] = _etag(present)
    return CsmOut() if present is None else CsmOut.model_validate(present)


def _etag(present: Any | None) -> str:
    return etags.of_text("nobody" if present is None else f"{present.csm} {present.since}")
