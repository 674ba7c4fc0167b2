"""What can be done with a customer: a purchase, the subscription, the file of everything, the erasure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.typed import day, number
from services.console.edges.pages.customers.customers import KEEPERS, NAME_S, customer_page
from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import customers_called
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from shared import ids
from shared.web.client.answered import Refused

router = APIRouter(include_in_schema=False)
STATUS = ("trial", "active", "cancelled", "ended")
AGAIN = frozenset({400, 409, 412, 422})  # what was typed is shown again, with why


@router.post("/customers/{customer}/purchase")
async def tell_purchase(view: Viewing, customer: str, form: Form) -> Response:
    """Something was bought."""
    body = {
        "product": form.get("product", ""),
        "at": _day(form, "at"),
        "price": _number(form, "price"),
    }
    key = form.get("key") or ids.random_id()
    try:
        await view.ask.customers.bought(
            customer, {k: v for k, v in body.items() if v is not None}, key
        )
    except Refused as refused:
        return await _again(view, customer, form, refused)
    return _done(view, customer, "bought")


@router.post("/customers/{customer}/erasure")
async def erase(view: Viewing, customer: str, form: Form) -> Response:
    """Forget a customer everywhere, once a reason is written down."""
    key = form.get("key") or ids.random_id()
    try:
        await view.ask.erasures.erase(customer, form.get("reason", ""), key)
    except Refused as refused:
        return await _again(view, customer, form, refused)
    return _done(view, customer, "erased")


@router.get("/customers/{customer}/export")
async def export(view: Viewing, customer: str) -> Response:
    """Everything of all services, as a file."""
    content = await view.ask.customers.export(customer)
    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in customer)
    headers = {"Content-Disposition": f'attachment; filename="customer-{name}.json"'}
    return Response(content, media_type="application/json", headers=headers)


@router.get("/customers/{customer}/subscription")
async def show_subscription(view: Viewing, customer: str) -> Response:
    """The form, with what holds now."""
    view.only(*KEEPERS)
    present, seen = await view.ask.customers.subscription(customer)
    form: Mapping[str, str] = {}
    if present is not None:
        form = {
            "plan": present.plan,
            "status": present.status,
            "price_month": f"{present.price_month:g}",
            **_shown("started_at", present.started_at),
            **_shown("renews_at", present.renews_at),
        }
    return await _subscription(view, customer, {**form, "seen": seen})


@router.post("/customers/{customer}/subscription")
async def change_subscription(view: Viewing, customer: str, form: Form) -> Response:
    """The subscription is so from now on, if nobody else has changed it meanwhile."""
    body = {
        "plan": form.get("plan", ""),
        "status": form.get("status") or "active",
        "started_at": _day(form, "started_at"),
        "renews_at": _day(form, "renews_at"),
        "price_month": _number(form, "price_month"),
    }
    sent = {name: value for name, value in body.items() if value is not None}
    try:
        await view.ask.customers.subscribe(customer, sent, form.get("seen") or None)
    except Refused as refused:
        if refused.status not in AGAIN:
            raise
        present, seen = await view.ask.customers.subscription(customer)
        return await _subscription(
            view, customer, {**form, "seen": seen}, refused.status, present, why(view, refused)
        )
    return _done(view, customer, "subscribed")


async def _subscription(
    view: View,
    customer: str,
    form: Mapping[str, str],
    status: int = 200,
    present: object = None,
    problem: str = "",
) -> Response:
    words = view.words
    options = [(plan, words(f"customers.plan_{plan}").capitalize()) for plan in STATUS]
    called = await customers_called(view, [customer], NAME_S)
    return view.page(
        "subscription.html",
        status=status,
        customer=customer,
        called=called.get(customer, customer),
        form=form,
        options=options,
        present=present,
        problem=problem,
    )


async def _again(view: View, customer: str, form: Mapping[str, str], refused: Refused) -> Response:
    if refused.status not in AGAIN:
        raise refused
    return await customer_page(
        view, customer, refused.status, form=form, problem=why(view, refused)
    )


def _done(view: View, customer: str, said: str) -> Response:
    return view.go(f"/customers/{quote(customer, safe='')}?said={said}")


def _day(form: Mapping[str, str], name: str) -> str | None:
    return day(form.get(name, ""), form.get(f"{name}_was", ""))


def _shown(name: str, at: datetime | None) -> dict[str, str]:
    """A day for the field, and the moment it stands for: saving what nobody touched changes nothing."""
    was = "" if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    return {name: was[:10], f"{name}_was": was}


def _number(form: Mapping[str, str], name: str) -> float | str | None:
    """A number where it is one; else as it was typed, so that it is refused by name."""
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        return number(typed)
    except ValueError:
        return typed
