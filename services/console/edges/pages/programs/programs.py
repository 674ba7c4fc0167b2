"""`/keys`: API keys of programs: made, shown once, revoked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.safe_cells import Value
from services.console.domain.programs.api_key import ApiKey
from services.console.edges.api.programs import KeyId
from services.console.edges.api.state import Beginnings, Means, SteppedUp
from services.console.edges.api.views import KeyIn
from services.console.edges.pages import files
from services.console.edges.pages.files import File
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.people import names
from services.console.edges.pages.view import View, Viewing, pair
from services.console.edges.services.answers import MANY, Found
from services.console.errors import BadKey, TwoKeysActive
from services.console.handlers import keys
from services.console.handlers.keys import WantedKey
from shared.web import pages
from shared.web.pages import After, cursor
from shared.web.who import ROLES

router = APIRouter(include_in_schema=False)
SHOWN = 50
# `admin` is for people with a second factor, `service` for Playcaller's own
FOR_PROGRAMS = [role for role in ROLES if role not in ("admin", "service")]
LIVES = (7, 30, 90, 180)  # days


COLUMNS = (
    "id", "name", "kind", "roles", "organisation", "scopes", "created_at", "created_by",
    "last_used_on", "expires_at", "revoked_at",
)  # fmt: skip


async def _page(view: View, after: str | None) -> Found[ApiKey]:
    place = pair(None if after is None else pages.read(after))
    async with view.begin() as store:
        several = await store.keys.named(place, MANY + 1)
    shown = list(several[:MANY])
    more = len(several) > MANY
    return Found(shown, cursor(shown[-1].name, shown[-1].id) if more else None)


def _row(key: ApiKey) -> Sequence[Value]:
    told = {name: getattr(key, name) for name in COLUMNS}
    lists = {"roles": " ".join(sorted(key.roles)), "scopes": " | ".join(key.scopes or ())}
    return list({**told, **lists}.values())


@router.get("/keys")
async def read_keys(
    view: Viewing, begin: Beginnings, after: After = None, said: str = ""
) -> Response:
    """Keys by name, those that are good no more among them."""
    return await _listed(view, begin, pair(after), revoked=said == "revoked")


@router.post("/keys")
async def make_key(
    view: Viewing, context: Means, begin: Beginnings, by: SteppedUp, form: Form
) -> Response:
    """A new key, shown once."""
    scopes = [scope for line in form.get("scopes", "").splitlines() if (scope := line.strip())]
    days = form.get("expires_in_days", "")
    asked: dict[str, object] = {
        **form,
        "roles": [role for role in FOR_PROGRAMS if form.get(f"role_{role}")],
        "scopes": scopes,
        "expires_in_days": int(days) if days.isdecimal() and len(days) < 5 else days,
    }
    wish, errors = read(KeyIn, asked)
    problem = ""
    if wish is not None:
        life = timedelta(days=wish.expires_in_days)
        wanted = WantedKey(wish.name, wish.roles, wish.organisation, wish.scopes, life)
        try:
            api_key, written = await keys.create(context, wanted, by)
        except (BadKey, TwoKeysActive) as error:
            problem = str(error)
        else:
            return view.page("key_made.html", key=api_key, written=written)
    return await _listed(view, begin, None, status=422, form=form, errors=errors, problem=problem)


@router.post("/keys/{key_id}/revoke")
async def revoke_key(view: Viewing, context: Means, by: SteppedUp, key_id: KeyId) -> Response:
    """No token for it from now on."""
    await keys.revoke(context, key_id, by)
    return view.go("/keys?said=revoked")


async def _listed(
    view: View,
    begin: Beginnings,
    place: tuple[str, str] | None,
    *,
    status: int = 200,
    revoked: bool = False,
    form: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
) -> Response:
    async with begin() as store:
        listed = await store.keys.named(place, SHOWN + 1)
    shown = listed[:SHOWN]
    return view.page(
        "programs.html",
        status=status,
        keys=shown,
        next=cursor(shown[-1].name, shown[-1].id) if len(listed) > SHOWN else "",
        people=await names(view, (api_key.created_by for api_key in shown)),
        roles=FOR_PROGRAMS,
        lives=LIVES,
        revoked=revoked,
        form=form or {},
        errors=errors or {},
        problem=problem,
    )


files.serve(router, "/keys", (File("keys", COLUMNS, _page, _row),))
