"""Console's routes: which there are, who may use them, and how much of the data they show."""

from services.console.domain.accounts.account import PEOPLE
from services.console.edges.api import accounts, login, me, personal, programs, provider
from services.console.edges.pages import PAGES
from services.console.edges.pages import ROUTERS as ROUTERS_OF_PAGES
from services.console.edges.pages import router as pages_router
from services.console.edges.pages.page import rights
from shared.web.guards.rights import EFFECTS, Right, Sees, all_of, audit_for
from shared.web.routes import effects
from shared.web.who import ROLES, Role

ROUTERS = (
    login.router,
    me.router,
    accounts.router,
    personal.router,
    programs.router,
    provider.router,
    effects.router,
    pages_router,
)

_ADMIN = all_of("admin")
_SELF: dict[Role, Sees] = {role: "own" for role in ROLES if role in PEOPLE}
_ALL: dict[Role, Sees] = dict.fromkeys(ROLES, "own")


def _open(method: str, route: str, why: str) -> Right:
    return Right(method, route, {}, open=True, why=why)


RIGHTS: tuple[Right, ...] = (
    _open("GET", "/.well-known/jwks.json", "public keys"),
    _open("POST", "/v1/login", "this is where people prove who they are"),
    _open("POST", "/v1/login/second-factor", "the second step of it"),
    _open("POST", "/v1/links/accept", "the link is the proof"),
    _open("POST", "/v1/password-resets", "answers the same for every address"),
    _open("GET", "/v1/provider/sign-in", "sends people to the OpenID provider"),
    _open("GET", "/v1/provider/callback", "the provider's code is the proof"),
    Right("GET", "/v1/session", _SELF),
    Right("DELETE", "/v1/session", _SELF),
    Right("GET", "/v1/me/sessions", _SELF),
    Right("DELETE", "/v1/me/sessions", _SELF),
    Right("DELETE", "/v1/me/sessions/{session_id}", _SELF),
    Right("POST", "/v1/me/password", _SELF),
    Right("POST", "/v1/me/second-factor", _SELF),
    Right("POST", "/v1/me/second-factor/confirm", _SELF),
    Right("DELETE", "/v1/me/second-factor", _SELF),
    Right("POST", "/v1/me/recovery-codes", _SELF),
    Right("POST", "/v1/me/step-up", _SELF),
    Right("GET", "/v1/me/export", _SELF),
    Right("POST", "/v1/tokens", _ALL),
    Right("GET", "/v1/accounts", _ADMIN),
    Right("POST", "/v1/accounts", _ADMIN),
    Right("GET", "/v1/accounts/{account_id}", _ADMIN),
    Right("GET", "/v1/accounts/{account_id}/address", all_of("service")),
    Right("PUT", "/v1/accounts/{account_id}/roles", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/invite", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/deactivate", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/activate", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/sign-out", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/reset-second-factor", _ADMIN),
    Right("GET", "/v1/accounts/{account_id}/export", _ADMIN),
    Right("POST", "/v1/accounts/{account_id}/erase", _ADMIN),
    Right("GET", "/v1/keys", _ADMIN),
    Right("POST", "/v1/keys", _ADMIN),
    Right("POST", "/v1/keys/{key_id}/revoke", _ADMIN),
    Right("GET", "/v1/provider/roles", _ADMIN),
    Right("PUT", "/v1/provider/roles", _ADMIN),
    *EFFECTS,
    *audit_for(),
    *rights(PAGES, ROUTERS_OF_PAGES),
)
