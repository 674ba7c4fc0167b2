"""/v1/products: what is sold; /v1/customers/{id}/offers: what of it may be offered to a customer."""

import asyncio
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from services.journey.domain.imports.cells import BadLine
from services.journey.domain.products import product_lines
from services.journey.domain.products.offers import Offer, Refusal
from services.journey.domain.products.product import Kind, Product
from services.journey.edges.api.csv_body import CSV, read_table
from services.journey.edges.api.models import Moment, Price, Text
from services.journey.edges.api.units import Change, ChangeOnce, Read, Unit
from services.journey.handlers.products import products
from shared.web import etags
from shared.web.etags import IfMatch
from shared.web.identities import KnownCustomer
from shared.web.pages import After, Limit, Page, by_id, page
from shared.web.problems import Problem
from shared.web.times import Time

TOLD = 20  # wrong lines that an answer names

router = APIRouter(prefix="/v1", tags=["products"])


def _word(text: str) -> str:
    if any(sign in text for sign in "=|"):
        raise ValueError("a word without = and |")
    return text


Id = Annotated[str, Path(min_length=1, max_length=256)]
Word = Annotated[Text, AfterValidator(_word)]


class ProductIn(BaseModel, extra="forbid"):
    """A product; money is in the vendor's currency."""

    name: Text
    kind: Kind
    price: Price | None = Field(None, description="Of one; a month for a subscription.")
    margin: float | None = Field(None, strict=True, ge=0, le=1, description="Share of the price.")
    exchange_cost: Price | None = Field(None, description="What it costs to exchange one.")
    limits: dict[Word, Price] = Field({}, max_length=50, description="Of a plan: {'cameras': 5}.")
    works_with: list[Word] = Field(
        [], max_length=100, description="Products of which a customer must own one."
    )
    replaces: Text | None = Field(None, description="The product whose place it takes.")
    sold_from: Moment | None = None
    sold_until: Moment | None = None

    @field_validator("sold_until")
    @classmethod
    def _after_begin(cls, until: Moment | None, info: ValidationInfo) -> Moment | None:
        begin = info.data.get("sold_from")
        if until is not None and begin is not None and until <= begin:
            raise ValueError("a time after sold_from")
        return until


class ProductOut(BaseModel):
    """A product of the catalogue; without a kind nobody has described it yet."""

    id: str
    name: str
    kind: Kind | None
    price: float | None
    margin: float | None
    exchange_cost: float | None
    limits: dict[str, float]
    works_with: list[str]
    replaces: str | None
    sold_from: Time | None
    sold_until: Time | None


class OfferOut(BaseModel):
    """A product, and what speaks against offering it to this customer."""

    product: str
    name: str
    kind: Kind | None
    price: float | None
    refusal: Refusal | None = Field(description="null: it may be offered.")
    instead: list[str] = Field(description="What replaces it, or what it would work with.")


class StockedOut(BaseModel):
    """What a file came to."""

    added: int
    changed: int
    unchanged: int


@router.get("/products")
async def list_products(
    read: Read,
    kind: Kind | None = None,
    described: Annotated[
        bool | None, Query(description="false: those that only purchases and plans name.")
    ] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[ProductOut]:
    """The catalogue, by id."""
    begin = by_id(after)
    async with read() as store:
        listed = await store.products.listed(kind, described, begin, limit + 1)
    return page(listed, limit, _shown, lambda product: (product.id,))


@router.post("/products/import", response_model=StockedOut, openapi_extra={"requestBody": CSV})
async def import_products(request: Request, once: ChangeOnce) -> Response:
    """The products of a CSV (UTF-8, header line); where anything in it is wrong, none is taken."""
    body = await request.body()
    read_products, wrong = await asyncio.to_thread(_products, body)
    if wrong:
        told = [f"line {bad_line.line}: {bad_line.error}" for bad_line in wrong[:TOLD]]
        more = f" (and {len(wrong) - TOLD} more lines)" if len(wrong) > TOLD else ""
        raise Problem(422, "bad_lines", "Nothing was imported", "; ".join(told) + more)

    async def work(unit: Unit) -> StockedOut:
        return StockedOut.model_validate(
            await products.import_products(unit, read_products), from_attributes=True
        )

    return await once(200, work)


@router.get("/products/{id:path}")
async def read_product(
    read: Read, response: Response, id_: Annotated[Id, Path(alias="id")]
) -> ProductOut:
    """One product, with the ETag a change of it names."""
    async with read() as store:
        product = await products.read_product(store, id_)
    response.headers["ETag"] = _etag(product)
    return _shown(product)


@router.put("/products/{id:path}", responses={201: {"model": ProductOut}})
async def put_product(
    change: Change,
    response: Response,
    id_: Annotated[Id, Path(alias="id")],
    wish: ProductIn,
    if_match: IfMatch = None,
) -> ProductOut:
    """A product is this, whether it was known or not."""
    product = _made(id_, wish)
    async with change() as unit:
        if await products.put_product(unit, product, etags.unchanged(if_match, _etag)):
            response.status_code = 201
    response.headers["ETag"] = _etag(product)
    return _shown(product)


@router.get("/customers/{id}/offers")
async def list_offers(read: Read, id_: KnownCustomer) -> list[OfferOut]:
    """The catalogue as far as one customer goes: what may be offered, and why the rest may not."""
    async with read.audited() as unit:
        return [_offered(offer) for offer in await products.read_offers(unit, id_)]


def _products(body: bytes) -> tuple[list[Product], list[BadLine]]:
    return product_lines.read_products(read_table(body, product_lines.table))


def _made(id_: str, wish: ProductIn) -> Product:
    return Product(id=id_, **{**wish.model_dump(), "works_with": tuple(wish.works_with)})


def _shown(product: Product) -> ProductOut:
    return ProductOut(**asdict(product))


def _etag(product: Product) -> str:
    return etags.of_text(_shown(product).model_dump_json())


def _offered(offer: Offer) -> OfferOut:
    of = offer.product
    return OfferOut(
        product=of.id,
        name=of.name,
        kind=of.kind,
        price=of.price,
        refusal=offer.refusal,
        instead=list(offer.instead),
    )
