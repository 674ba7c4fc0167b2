"""`/customers/{customer}/profile`: who a customer is and how to reach them, changed by those who may."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages.customers.customers import KEEPERS
from services.console.edges.pages.forms import Form
from services.console.edges.pages.refused import AGAIN, why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.journey.customers import WholeProfile
from shared.web.client.answered import Refused

router = APIRouter(include_in_schema=False)
FIELDS = WholeProfile.__struct_fields__


@router.get("/customers/{customer}/profile")
async def show_profile(view: Viewing, customer: str) -> Response:
    """The form, with what is known now."""
    view.only(*KEEPERS)
    present, seen = await view.ask.customers.profile(customer)
    return _shown(view, customer, {**_form(present), "seen": seen})


@router.post("/customers/{customer}/profile")
async def change_profile(view: Viewing, customer: str, form: Form) -> Response:
    """They are so from now on; where somebody was faster, both are shown."""
    body = {name: typed for name in FIELDS if (typed := form.get(name, "").strip())}
    try:
        await view.ask.customers.put_profile(customer, body, form.get("seen") or None)
    except Refused as refused:
        if refused.status not in AGAIN:
            raise
        present, seen = await view.ask.customers.profile(customer)
        theirs = {
            name: value for name, value in _form(present).items() if value != body.get(name, "")
        }
        again = {**form, "seen": seen}
        return _shown(view, customer, again, refused.status, theirs, why(view, refused))
    return view.go(f"/customers/{quote(customer, safe='')}?said=profile")


def _form(profile: WholeProfile) -> dict[str, str]:
    return {name: value or "" for name, value in msgspec.structs.asdict(profile).items()}


def _shown(
    view: View,
    customer: str,
    form: Mapping[str, str],
    status: int = 200,
    theirs: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    return view.page(
        "profile.html",
        status=status,
        customer=customer,
        form=form,
        theirs=theirs or {},
        problem=problem,
    )
