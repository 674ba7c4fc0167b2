"""`/v1/provider`: sign in at the OpenID provider, and our table from its words to roles."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.console.domain.provider import provider
from services.console.domain.provider.provider import Proven
from services.console.domain.sealed.digest import digest, same
from services.console.edges import cookies
from services.console.edges.api.login import know
from services.console.edges.api.state import Beginnings, Means, Provider, SteppedUp
from services.console.edges.api.views import RoleTable
from services.console.edges.identify import origin_of
from services.console.edges.openid.provider import OpenId
from services.console.errors import ProviderRefused
from services.console.handlers import by_provider
from services.console.handlers.ports import Context
from shared import log
from shared.clock import wall_now
from shared.web import etags
from shared.web.etags import IfMatch
from shared.web.who import Role

router = APIRouter(prefix="/v1/provider", tags=["OpenID Connect"])
Word = Annotated[str | None, Query(max_length=2_048)]

_log = log.get("console.provider")


@router.get("/sign-in", status_code=303, response_class=RedirectResponse)
async def sign_in(context: Means, openid: Provider) -> Response:
    """Send the browser to the provider."""
    attempt = await openid.begin()
    await by_provider.begin(
        context, digest(attempt.state), attempt.nonce, attempt.verifier, wall_now()
    )
    response = RedirectResponse(attempt.url, 303)
    cookies.put(response, cookies.PROVIDER, attempt.state, int(context.rules.half.total_seconds()))
    return response


@router.get("/callback", status_code=303, response_class=RedirectResponse)
async def callback(
    request: Request, context: Means, openid: Provider, code: Word = None, state: Word = None
) -> Response:
    """Where the provider sends the browser back to; 401 unless everything about it is right."""
    now, maps = wall_now(), bool(openid.roles_claim)
    try:
        proven = await _proven(request, context, openid, code, state)
        entry = await by_provider.enter(context, proven, origin_of(request), now, maps_roles=maps)
    except ProviderRefused as error:
        _log.warning("a sign-in at the provider was refused", extra={"why": error.why})
        raise
    onward = "/" if entry.complete else "/sign-in/code"
    response = RedirectResponse(f"{context.rules.url}{onward}", 303)
    cookies.drop(response, cookies.PROVIDER)
    if entry.complete:
        know(response, entry.device)
        cookies.put(response, cookies.SESSION, entry.secret)
    else:
        cookies.put(response, cookies.HALF, entry.secret, int(context.rules.half.total_seconds()))
    return response


@router.get("/roles")
async def read_roles(response: Response, begin: Beginnings) -> RoleTable:
    """Our table."""
    async with begin() as store:
        table = RoleTable(roles=dict(await store.provider.roles()))
    response.headers["ETag"] = of_roles(table.roles)
    return table


@router.put("/roles")
async def replace_roles(
    response: Response, context: Means, by: SteppedUp, wish: RoleTable, if_match: IfMatch = None
) -> RoleTable:
    """The whole table from now on; it counts from everybody's next sign-in."""

    def unchanged(present: Mapping[str, Role]) -> None:
        etags.check(if_match, of_roles(present))

    await by_provider.replace_roles(context, wish.roles, by, unchanged)
    response.headers["ETag"] = of_roles(wish.roles)
    return wish


def of_roles(table: Mapping[str, Role]) -> str:
    """The ETag of our table, in whatever order it was sent."""
    return etags.of_text(repr(sorted(table.items())))


async def _proven(
    request: Request, context: Context, openid: OpenId, code: str | None, state: str | None
) -> Proven:
    """Who came back, by everything we know of the attempt. Raises ProviderRefused."""
    now = wall_now()
    if not code or not state or not same(state, cookies.read(request, cookies.PROVIDER)):
        raise ProviderRefused("another browser, or no code")
    attempt = await by_provider.take(context, digest(state), now)
    if attempt is None:
        raise ProviderRefused("no such attempt, or too late")
    claims = await openid.claims(code, *attempt, now)
    proven = provider.proven(openid.issuer, claims, openid.roles_claim)
    if proven is None:
        raise ProviderRefused("no subject")
    return proven
