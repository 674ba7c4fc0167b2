"""`/people`: whose account there is, and what an admin does with it."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from services.console.domain.accounts import link
from services.console.domain.accounts.account import PEOPLE, Account
from services.console.domain.pages.safe_cells import Value
from services.console.edges.api.accounts import AccountId
from services.console.edges.api.state import Beginnings, Means, SteppedUp, Wisher
from services.console.edges.api.views import AccountIn, RolesIn
from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.view import View, Viewing, pair
from services.console.edges.services.answers import MANY, Found
from services.console.errors import (
    BadRoles,
    LastAdmin,
)
from services.console.handlers import accounts
from services.console.handlers.accounts import Wanted
from services.console.handlers.ports import By, Context
from shared.errors import ChangedSince, Exists, PlaycallerError
from shared.web import pages
from shared.web.pages import After, cursor
from shared.web.who import ROLES

router = APIRouter(include_in_schema=False)
SHOWN = 50
REASONS: Mapping[type[PlaycallerError], str] = {
    LastAdmin: "staff.refused_last_admin",
    ChangedSince: "staff.refused_changed",
    BadRoles: "staff.refused_roles",
    Exists: "staff.refused_exists",
}
SAID = ("roles", "deactivated", "activated", "signed_out", "factor")
Search = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
CHOICES = [role for role in ROLES if role in PEOPLE]


COLUMNS = ("id", "name", "email", "roles", "organisation", "state", "has_second_factor")


async def _page(view: View, after: str | None) -> Found[Account]:
    """Whom a file shows is audited as in the list."""
    assert view.who is not None  # noqa: S101 - routes of the signed in only
    state, text = view.request.app.state, view.request.query_params.get("text", "").strip()
    place = pair(None if after is None else pages.read(after))
    several = await accounts.found(state.context, text, place, MANY, By(view.who, view.now))
    shown = list(several[:MANY])
    more = len(several) > MANY
    return Found(shown, cursor(shown[-1].name.lower(), shown[-1].id) if more else None)


def _row(account: Account) -> Sequence[Value]:
    told = {name: getattr(account, name) for name in COLUMNS}
    return list({**told, "roles": " ".join(sorted(account.roles))}.values())


@router.get("/people")
async def read_people(
    view: Viewing,
    context: Means,
    by: Wisher,
    text: Search = "",
    after: After = None,
    said: str = "",
) -> Response:
    """Accounts by name."""
    return await _listed(view, context, by, text, after, said)


async def _listed(
    view: View,
    context: Context,
    by: By,
    text: str = "",
    after: tuple[object, ...] | None = None,
    said: str = "",
    *,
    status: int = 200,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    several = await accounts.found(context, text.strip(), pair(after), SHOWN, by)
    shown = several[:SHOWN]
    last = shown[-1] if len(several) > SHOWN else None
    return view.page(
        "staff.html",
        status=status,
        people=shown,
        next="" if last is None else cursor(last.name.lower(), last.id),
        text=text,
        said=said if said in SAID else "",
        roles=CHOICES,
        form=form or {},
        errors=errors or {},
        problem=problem,
    )


@router.post("/people")
async def invite(view: Viewing, context: Means, by: SteppedUp, form: Form) -> Response:
    """Make an account and mail its link; the link is shown once besides."""
    wish, errors = read(AccountIn, {**form, "roles": _roles(form)})
    problem = ""
    if wish is not None:
        wanted = Wanted(wish.email, wish.name, wish.roles, wish.organisation)
        try:
            account, secret = await accounts.invite(context, wanted, by)
        except (Exists, BadRoles) as error:
            problem = REASONS[type(error)]
        else:
            address = link.address(context.rules.url, secret)
            return view.page("invited.html", account=account, link=address)
    return await _listed(view, context, by, status=422, form=form, errors=errors, problem=problem)


class _OfSomebody:
    """Somebody's account, and who looks at it or changes it."""

    def __init__(
        self,
        view: Viewing,
        context: Means,
        begin: Beginnings,
        by: Wisher,
        account_id: AccountId,
    ) -> None:
        self.view, self.context, self.by, self.id = view, context, by, account_id
        self._begin = begin

    async def page(self, *, status: int = 200, said: str = "", problem: str = "") -> Response:
        """The account with its sessions."""
        account = await accounts.read(self.context, self.id, self.by)
        async with self._begin() as store:
            sessions = await store.sessions.of(self.id)
        return self.view.page(
            "one_of_staff.html",
            status=status,
            account=account,
            sessions=sessions,
            roles=CHOICES,
            said=said,
            problem=problem,
        )

    async def do(self, said: str, act: Awaitable[Account | int]) -> Response:
        """Do it and say so, or say why not."""
        try:
            await act
        except (LastAdmin, ChangedSince, BadRoles) as error:
            return await self.page(status=409, problem=REASONS[type(error)])
        return self.view.go(f"/people/{self.id}?said={said}")


async def _of_somebody(
    view: Viewing, context: Means, begin: Beginnings, by: Wisher, account_id: AccountId
) -> _OfSomebody:
    return _OfSomebody(view, context, begin, by, account_id)


OfSomebody = Annotated[_OfSomebody, Depends(_of_somebody)]


@router.get("/people/{account_id}")
async def read_person(of: OfSomebody, said: str = "") -> Response:
    """One account."""
    return await of.page(said=said if said in SAID else "")


@router.post("/people/{account_id}/roles")
async def change_roles(of: OfSomebody, by: SteppedUp, form: Form) -> Response:
    """Other roles; all sessions of the account end."""
    wish, _ = read(RolesIn, {**form, "roles": _roles(form)})
    if wish is None:
        return await of.page(status=422, problem="staff.refused_roles")
    organisation = wish.organisation if "partner" in wish.roles else None
    act = accounts.change_roles(of.context, of.id, wish.roles, organisation, by, _seen(form))
    return await of.do("roles", act)


@router.post("/people/{account_id}/deactivate")
async def deactivate(of: OfSomebody, by: SteppedUp, form: Form) -> Response:
    """Out at once."""
    return await of.do("deactivated", accounts.deactivate(of.context, of.id, by, _seen(form)))


@router.post("/people/{account_id}/activate")
async def activate(of: OfSomebody, by: SteppedUp, form: Form) -> Response:
    """In again, by a new invitation."""
    return await of.do("activated", accounts.activate(of.context, of.id, by, _seen(form)))


@router.post("/people/{account_id}/invite")
async def invite_again(of: OfSomebody, by: SteppedUp) -> Response:
    """A new link for somebody who has not accepted yet."""
    secret = await accounts.invite_again(of.context, of.id, by)
    account = await accounts.read(of.context, of.id, by)
    address = link.address(of.context.rules.url, secret)
    return of.view.page("invited.html", account=account, link=address)


@router.post("/people/{account_id}/sign-out")
async def sign_out(of: OfSomebody, by: SteppedUp) -> Response:
    """End all sessions of an account."""
    return await of.do("signed_out", accounts.sign_out(of.context, of.id, by))


@router.post("/people/{account_id}/second-factor")
async def reset_second_factor(of: OfSomebody, by: SteppedUp) -> Response:
    """For somebody who has lost the telephone and the recovery codes."""
    return await of.do("factor", accounts.reset_second_factor(of.context, of.id, by))


def _roles(form: Mapping[str, str]) -> list[str]:
    """The roles that are ticked: each box has a name of its own."""
    return [role for role in CHOICES if form.get(f"role_{role}")]


def _seen(form: Mapping[str, str]) -> frozenset[int] | None:
    version = form.get("seen", "")
    return frozenset({int(version)}) if version.isdecimal() and len(version) < 10 else None


files.serve(router, "/people", (File("people", COLUMNS, _page, _row),))
