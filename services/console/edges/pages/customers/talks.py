"""`/customers/{customer}/talk`: a conversation is written down; `/discoveries`: what was learned in them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.typed import day
from services.console.edges.pages import files, panels
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import SEE_PEOPLE, customers_called, names
from services.console.edges.pages.refused import why
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import MANY, Found, paged
from services.console.edges.services.journey.talks import Discovery, Talk
from shared import ids
from shared.web.client.answered import Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"csm", "lead", "product", "marketing", "admin"})
KINDS = ("call", "meeting", "mail", "visit")
OUTCOMES = ("talked", "agreed", "declined", "not_reached")
COLUMNS = ("id", "at", "customer", "kind", "discovery", "who")


@router.get("/customers/{customer}/talk")
async def show_talk(view: Viewing, customer: str) -> Response:
    """An empty form, of today."""
    form = {"at": f"{view.now:%Y-%m-%d}", "key": ids.random_id()}
    return await _shown(view, customer, form)


@router.post("/customers/{customer}/talk")
async def write_talk(view: Viewing, customer: str, form: Form) -> Response:
    """They talked."""
    typed = {name: form.get(name, "").strip() for name in ("kind", "outcome", "contact")}
    words = {
        name: form.get(name, "").replace("\r\n", "\n").strip()
        for name in ("note", "discovery", "next_step")
    }
    days = {name: day(form.get(name, ""), "") for name in ("at", "due_at")}
    body = {name: value for name, value in {**typed, **words, **days}.items() if value}
    try:
        await view.ask.talks.add(customer, body, form.get("key") or ids.random_id())
    except Refused as refused:
        if refused.status not in {404, 409, 422}:
            raise
        again = {**form, "key": ids.random_id()}
        return await _shown(view, customer, again, refused.status, why(view, refused))
    return view.go(f"/customers/{quote(customer, safe='')}?said=talk#story")


@router.post("/customers/talks/{talk}/done")
async def finish_next_step(view: Viewing, talk: str) -> Response:
    """The next step is done."""
    await view.ask.talks.done(talk)
    return view.go("/today")


async def _shown(
    view: View, customer: str, form: Mapping[str, str], status: int = 200, problem: str = ""
) -> Response:
    view.only(*SEE_PEOPLE)
    words = view.words
    contacts = await view.ask.contacts.of(customer)
    return view.page(
        "talk.html",
        status=status,
        customer=customer,
        called=(await customers_called(view, [customer])).get(customer, customer),
        contacts=[(contact.id, contact.name) for contact in contacts],
        kinds=[(kind, words(f"talks.kind_{kind}")) for kind in KINDS],
        outcomes=[(outcome, words(f"talks.outcome_{outcome}")) for outcome in OUTCOMES],
        form=form,
        problem=problem,
    )


async def ahead(view: View) -> Mapping[str, Any]:
    """What whoever looks has still to do, for their first page."""
    talks = await view.ask.talks.ahead()
    called = await customers_called(view, (talk.customer for talk in talks))
    return {"talks": talks, "called": called}


async def _discoveries(view: View) -> Mapping[str, Any]:
    after = view.request.query_params.get("after")
    learned = await view.ask.talks.discoveries(paged({}, after))
    return {
        "learned": learned.items,
        "more": f"/discoveries?{learned.onward({})}" if learned.next else "",
        "called": await customers_called(view, (line.customer for line in learned.items)),
        "people": await names(view, (line.who for line in learned.items)),
    }


async def _page(view: View, after: str | None) -> Found[Discovery]:
    wanted = {"limit": str(MANY)}
    return await view.ask.talks.discoveries(paged(wanted, after))


PANELS = (Panel("list", "talks.discoveries", "_discoveries.html", _discoveries),)


@router.get("/discoveries")
async def read_discoveries(view: Viewing) -> Response:
    """What was learned, the newest first."""
    return view.page("discoveries.html", panels=await panels.shown(view, PANELS))


panels.serve(router, "/discoveries", PANELS)
TALKS = (
    *("id", "at", "kind", "outcome", "contact", "note", "discovery", "next_step", "due_at"),
    *("done_at", "who"),
)


async def _talks(view: View, _after: str | None) -> Found[Talk]:
    return Found(await view.ask.talks.of(view.request.path_params["customer"]))


files.serve(
    router,
    "/customers/{customer}/talk",
    (File("talks", TALKS, _talks, roles=frozenset(SEE_PEOPLE)),),
)
files.serve(router, "/discoveries", (File("discoveries", COLUMNS, _page),))
