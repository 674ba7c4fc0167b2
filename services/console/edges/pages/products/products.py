"""`/products`: what is sold, and what purchases and plans name that nobody has described."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.products import product_form
from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.products import Product
from shared.errors import TryLater
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)

KEEPERS: tuple[Role, ...] = ("product", "admin")  # who may change what is sold
FILTERS = ("kind", "described")
COLUMNS = (
    "id", "name", "kind", "price", "margin", "exchange_cost", "limits", "works_with", "replaces",
    "sold_from", "sold_until",
)  # fmt: skip
CHANGED = 412


async def _page(view: View, after: str | None) -> Found[Product]:
    wanted = {**view.asked(*FILTERS), "limit": str(MANY)}
    return await view.ask.products.some(paged(wanted, after))


def _row(product: Product) -> Sequence[Value]:
    """As the import of products reads it."""
    lists = {
        "limits": "|".join(f"{word}={number:g}" for word, number in product.limits.items()),
        "works_with": "|".join(product.works_with),
    }
    return [lists.get(name, getattr(product, name)) for name in COLUMNS]


async def _listed(view: View) -> Mapping[str, Any]:
    wanted = view.asked(*FILTERS)
    listed = await _page(view, view.request.query_params.get("after"))
    more = listed.onward(wanted)
    return {"products": listed.items, "filtered": bool(wanted), "more": more}


FILES = (File("products", COLUMNS, _page, _row),)
LIST = (Panel("list", "products.list", "_products.html", _listed),)


@router.get("/products")
async def read_products(view: Viewing) -> Response:
    """The catalogue by id, as the filters of the address ask."""
    return view.page(
        "products.html",
        panels=await panels.shown(view, LIST),
        chosen={name: view.request.query_params.get(name, "") for name in FILTERS},
        kinds=product_form.KINDS,
        keeps=view.has(*KEEPERS),
    )


@router.post("/products")
async def add_product(view: Viewing, form: Form) -> Response:
    """On to the page of a product that is not there yet."""
    id_ = form.get("id", "").strip()
    return view.go(_path(id_) if id_ else "/products")


panels.serve(router, "/products", LIST)
files.serve(router, "/products", FILES)


@router.get("/products/{product:path}")
async def read_product(view: Viewing, product: str, said: str = "") -> Response:
    """One product, to be looked at or described; one that is not there yet is an empty form."""
    known, etag = await view.ask.products.known(product)
    form = (
        {}
        if known is None
        else product_form.to_form(msgspec.structs.asdict(known), view.looks.zone)
    )
    return _shown(view, product, form, seen=etag, said=said if said == "saved" else "")


@router.post("/products/{product:path}")
async def change_product(view: Viewing, product: str, form: Form) -> Response:
    """The product is what the form says; where somebody was faster, both are shown."""
    words = view.words
    body, wrong = product_form.from_form(form, view.looks.zone)
    if wrong:
        errors = {name: words(f"products.expected_{name}") for name in wrong}
        return _shown(view, product, form, seen=form.get("seen", ""), status=422, errors=errors)
    try:
        await view.ask.products.put(product, body, form.get("seen") or None)
    except Refused as error:
        if error.status == CHANGED:
            return await _both(view, product, form)
        said = words("products.refused", why=error.detail or error.title)
        return _shown(
            view, product, form, seen=form.get("seen", ""), status=error.status, problem=said
        )
    except TryLater:
        said = words("products.away")
        return _shown(view, product, form, seen=form.get("seen", ""), status=503, problem=said)
    return view.go(f"{_path(product)}?said=saved")


async def _both(view: View, product: str, form: Mapping[str, str]) -> Response:
    """What was typed, beside what somebody else has saved meanwhile."""
    known, etag = await view.ask.products.known(product)
    theirs = (
        {}
        if known is None
        else product_form.to_form(msgspec.structs.asdict(known), view.looks.zone)
    )
    other = {
        name: theirs.get(name, "")
        for name in product_form.FIELDS
        if theirs.get(name, "") != form.get(name, "").strip()
    }
    return _shown(view, product, form, seen=etag, status=CHANGED, theirs=other)


def _shown(
    view: View, product: str, form: Mapping[str, str], *, seen: str, status: int = 200, **more: Any
) -> Response:
    return view.page(
        "product.html",
        status=status,
        product=product,
        path=_path(product),
        form=form,
        seen=seen,
        kinds=product_form.KINDS,
        keeps=view.has(*KEEPERS),
        **({"said": "", "problem": "", "errors": {}, "theirs": {}} | more),
    )


def _path(product: str) -> str:
    return f"/products/{quote(product, safe='')}"
