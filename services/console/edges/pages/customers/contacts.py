"""`/customers/{customer}/contacts`: people of an account, one by one, changed by those who may."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec
from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.edges.pages import files
from services.console.edges.pages.customers.customers import KEEPERS
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.people import SEE_PEOPLE, customers_called
from services.console.edges.pages.refused import AGAIN, why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.journey.contacts import Listed, Person, Wish
from shared import ids
from shared.web.client.answered import Refused

router = APIRouter(include_in_schema=False)
ROLES = ("decision_maker", "user", "billing", "technical", "other")
CHANNELS = ("email", "phone")
FIELDS = ("name", "role", "email", "phone", "channel", "zone", "language")
COLUMNS = ("id", "name", "role", "channel", "zone", "language", "left", "promotion")


async def _page(view: View, after: str | None) -> Found[Listed]:
    del after  # it is one page
    return Found(await view.ask.contacts.of(view.request.path_params["customer"]))


def _row(person: Listed) -> Sequence[Value]:
    said = person.consent
    left = " ".join(topic or "*" for topic in said.left)
    return [*(getattr(person, name) for name in COLUMNS[:6]), left, said.promotion]


FILES = (File("contacts", COLUMNS, _page, _row),)


@router.get("/customers/{customer}/contacts/new")
async def new_contact(view: Viewing, customer: str) -> Response:
    """An empty form."""
    view.only(*KEEPERS)
    form = {"role": "decision_maker", "channel": "email", "key": ids.random_id()}
    return await _shown(view, customer, None, form)


@router.post("/customers/{customer}/contacts/new")
async def add_contact(view: Viewing, customer: str, form: Form) -> Response:
    """There is one more."""
    view.only(*KEEPERS)
    key = form.get("key") or ids.random_id()
    try:
        await view.ask.contacts.add(customer, _body(form), key)
    except Refused as refused:
        if refused.status not in AGAIN:
            raise
        again = {**form, "key": ids.random_id()}
        return await _shown(view, customer, None, again, refused.status, why(view, refused))
    return view.go(f"{_at(customer)}?said=contact_added")


@router.get("/customers/{customer}/contacts/{contact}")
async def show_contact(view: Viewing, customer: str, contact: str, said: str = "") -> Response:
    """All of one, and what they want to get."""
    view.only(*SEE_PEOPLE)
    person, seen = await view.ask.contacts.one(customer, contact)
    said = "said" if said == "written" else ""
    return await _shown(view, customer, person, {**_form(person), "seen": seen}, said=said)


@router.post("/customers/{customer}/contacts/{contact}")
async def change_contact(view: Viewing, customer: str, contact: str, form: Form) -> Response:
    """They are so from now on."""
    view.only(*KEEPERS)
    seen = form.get("seen") or None
    try:
        await view.ask.contacts.change(customer, contact, _body(form), seen)
    except Refused as refused:
        return await _again(view, customer, contact, form, refused)
    return view.go(f"{_at(customer)}?said=contact_changed")


@router.post("/customers/{customer}/contacts/{contact}/consent")
async def write_wish(view: Viewing, customer: str, contact: str, form: Form) -> Response:
    """What they want to get, as they just said."""
    view.only(*SEE_PEOPLE)
    left = [name.removeprefix("left-") for name in form if name.startswith("left-")]
    body = {"left": left, "promotion": form.get("promotion") == "yes"}
    try:
        await view.ask.contacts.want(customer, contact, body, form.get("seen") or None)
    except Refused as refused:
        return await _again(view, customer, contact, {}, refused)
    return view.go(f"{_at(customer)}/contacts/{quote(contact, safe='')}?said=written")


@router.post("/customers/{customer}/contacts/{contact}/remove")
async def remove_contact(view: Viewing, customer: str, contact: str, form: Form) -> Response:
    """They are forgotten."""
    view.only(*KEEPERS)
    try:
        await view.ask.contacts.remove(customer, contact, form.get("seen") or None)
    except Refused as refused:
        return await _again(view, customer, contact, {}, refused)
    return view.go(f"{_at(customer)}?said=contact_removed")


def _at(customer: str) -> str:
    return f"/customers/{quote(customer, safe='')}"


def _body(form: Mapping[str, str]) -> dict[str, str]:
    return {name: typed for name in FIELDS if (typed := form.get(name, "").strip())}


def _form(person: Person) -> dict[str, str]:
    known = msgspec.structs.asdict(person)
    return {name: known[name] or "" for name in FIELDS}


async def _again(
    view: View, customer: str, contact: str, form: Mapping[str, str], refused: Refused
) -> Response:
    """As it is now, with what was typed and why it was not done."""
    if refused.status not in AGAIN:
        raise refused
    person, seen = await view.ask.contacts.one(customer, contact)
    again = {**_form(person), **form, "seen": seen}
    return await _shown(view, customer, person, again, refused.status, why(view, refused))


async def _shown(
    view: View, customer: str, person: Person | None, form: Mapping[str, str],
    status: int = 200, problem: str = "", said: str = "",
) -> Response:  # fmt: skip
    words = view.words
    wish = person.consent if person else Wish([], False, None, None)
    topics = await _topics(view, customer, wish) if person else []
    return view.page(
        "account_contact.html",
        status=status,
        customer=customer,
        called=(await customers_called(view, [customer])).get(customer, customer),
        person=person,
        topics=topics,
        roles=[(role, words(f"contacts.role_{role}")) for role in ROLES],
        channels=[(channel, words(f"contacts.channel_{channel}")) for channel in CHANNELS],
        form=form,
        problem=problem,
        said=said,
        keeps=view.has(*KEEPERS),
    )


async def _topics(view: View, customer: str, wish: Wish) -> list[tuple[str, bool]]:
    """All topics, each with whether they left it."""
    consent, _ = await view.ask.consents.of(customer)
    return [
        (topic, topic in wish.left) for topic in sorted({*consent.topics, *filter(None, wish.left)})
    ]


files.serve(router, "/customers/{customer}/contacts", FILES)
