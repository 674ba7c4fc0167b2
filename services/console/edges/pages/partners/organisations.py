"""`/organisations`: the partners' organisations: added, renamed, shut out and let in again."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from services.console.edges.services.support import Organisation
from shared.errors import TryLater
from shared.web.client.answered import Away, Refused
from shared.web.who import Role

router = APIRouter(include_in_schema=False)
ROLES: frozenset[Role] = frozenset({"lead", "admin"})
SAID = ("added", "changed")


COLUMNS = ("id", "name", "active")


async def _page(view: View, _: str | None) -> Found[Organisation]:
    return Found(await view.ask.support.organisations())


@router.get("/organisations")
async def read_organisations(view: Viewing, said: str = "") -> Response:
    """Partners by id."""
    return await _listed(view, said=said if said in SAID else "")


@router.post("/organisations")
async def add_organisation(view: Viewing, form: Form) -> Response:
    """A new partner; its people are invited by an admin, its tickets shared by a lead."""
    id_, name = form.get("id", "").strip(), form.get("name", "").strip()
    try:
        await view.ask.support.add_organisation(id_, name)
    except (Refused, TryLater) as error:
        return await _again(view, form, error)
    return view.go("/organisations?said=added")


@router.post("/organisations/{organisation}")
async def change_organisation(view: Viewing, organisation: str, form: Form) -> Response:
    """Rename it, or take its access away, or give it back."""
    wish: dict[str, object] = {}
    if name := form.get("name", "").strip():
        wish["name"] = name
    if active := form.get("active"):
        wish["active"] = active == "yes"
    try:
        await view.ask.support.change_organisation(organisation, wish, form.get("seen") or None)
    except (Refused, TryLater) as error:
        return await _again(view, form, error)
    return view.go("/organisations?said=changed")


async def _again(view: View, form: Mapping[str, str], error: Refused | TryLater) -> Response:
    """The page as it was left, with what is wrong."""
    words = view.words
    if isinstance(error, Refused):
        key = f"organisations.refused_{error.kind}"
        said = words(key) if words.has(key) else words("organisations.not_right")
        return await _listed(view, status=error.status, form=form, problem=said)
    return await _listed(view, status=503, form=form, problem=words("organisations.away"))


async def _listed(
    view: View,
    *,
    status: int = 200,
    said: str = "",
    form: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    organisations: list[Organisation] | None = None
    try:
        organisations = await view.ask.support.organisations()
    except Away:
        status = 503
    values = {"found": organisations, "said": said, "form": form or {}, "problem": problem}
    return view.page("organisations.html", status=status, **values)


files.serve(router, "/organisations", (File("partners", COLUMNS, _page),))
