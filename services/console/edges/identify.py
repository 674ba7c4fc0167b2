"""Who asks console: a session's cookie, a token, or at one route an API key."""

from dataclasses import dataclass, replace

from starlette.requests import HTTPConnection

from services.console.domain.accounts.account import Account
from services.console.domain.rules import Rules
from services.console.domain.sealed.digest import csrf_token, digest, same
from services.console.domain.sessions.session import RequestOrigin, Session
from services.console.edges import cookies
from services.console.errors import TooManyTries
from services.console.handlers import keys as api_keys
from services.console.handlers.ports import Context
from services.console.handlers.sign_in import person
from services.console.store.store import Beginning
from shared import metrics, pasted
from shared.clock import wall_now
from shared.web.guards.auth import Identify, Keys, by_token, refused
from shared.web.problems import Problem
from shared.web.who import Who

TOKENS = "/v1/tokens"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WITHOUT_FACTOR = ("/v1/me", "/v1/session", "/account", "/sign-out")  # enough to set one up
FOR_PROGRAMS = "/v1/"  # elsewhere are pages: their forms carry the token, edges/pages/forms.py


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser's session, as routes find it under `request.state.signed_in`."""

    account: Account
    session: Session
    secret: str


def by_session(context: Context, begin: Beginning, keys: Keys) -> Identify:
    """Identify by key, token or cookie, in this order."""
    by_bearer = by_token(keys)

    async def identify(request: HTTPConnection) -> Who | None:
        bearer = request.headers.get("authorization", "")
        if request.url.path == TOKENS and bearer:
            return await _by_key(context, request, bearer)
        if bearer:
            return await by_bearer(request)
        return await _by_cookie(context.rules, begin, request)

    return identify


def origin_of(request: HTTPConnection) -> RequestOrigin:
    """Where a request comes from."""
    host = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")[:200]
    known = cookies.read(request, cookies.DEVICE)
    return RequestOrigin(host, agent, getattr(request.state, "request", ""), known)


def check_origin(request: HTTPConnection, url: str) -> None:
    """Only our own pages may change anything from a browser. Raises Problem 403."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if origin in {None, url} and site in {"same-origin", "none"}:
        return
    metrics.REFUSED.labels("other_origin").inc()
    raise Problem(
        403, "other_origin", "This comes from a page of another origin", f"Open {url} itself."
    )


async def _by_key(context: Context, request: HTTPConnection, bearer: str) -> Who:
    """A token for a token would never end: only keys are taken here."""
    scheme, _, rest = " ".join(bearer.split()).partition(" ")
    key = pasted.secret(rest.encode("latin-1", "ignore").decode("utf-8", "ignore"))
    if scheme.lower() != "bearer" or not key.startswith("pk_"):
        raise refused("not_a_key", "This takes an API key or a session")
    try:
        who = await api_keys.holder(context, key, origin_of(request), wall_now())
    except TooManyTries as error:
        metrics.REFUSED.labels("too_many_tries").inc()
        retry = {"Retry-After": str(error.retry_s)}
        raise Problem(429, "too_many_tries", "Too many tries", headers=retry) from None
    if who is None:
        raise refused("bad_key", "The key is not valid, or not any more")
    request.state.holder = who
    return replace(who, scopes=None)  # what it is confined to is the other services' matter


async def _by_cookie(rules: Rules, begin: Beginning, request: HTTPConnection) -> Who | None:
    secret = cookies.read(request, cookies.SESSION)
    if not secret:
        return None
    now = wall_now()
    async with begin.reading() as store:
        known = await store.sessions.by_digest(digest(secret))
    if known is None:
        return None
    session, account = known
    if not account.may_sign_in or not session.is_live(now, rules):
        async with begin() as store:
            await store.sessions.end(account.id, session.id)
        return None
    if session.wants_touch(now):
        async with begin() as store:
            await store.sessions.touch(session.id, now)
    if request.scope["method"] not in SAFE and request.url.path.startswith(FOR_PROGRAMS):
        _check_csrf(request, secret, rules.url)
    if account.lacks_second_factor(rules.second_factor_roles):
        _check_path(request)
    request.state.signed_in = SignedIn(account, session, secret)
    return replace(person(account), second_factor_at=session.second_factor_at)


def _check_csrf(request: HTTPConnection, secret: str, url: str) -> None:
    check_origin(request, url)
    if not same(request.headers.get(CSRF_HEADER, ""), csrf_token(secret)):
        metrics.REFUSED.labels("csrf").inc()
        raise Problem(
            403, "csrf", "The page's token is missing or not right",
            f"Send `csrf_token` of GET /v1/session as {CSRF_HEADER}.",
        )  # fmt: skip


def _check_path(request: HTTPConnection) -> None:
    path = request.url.path
    if not any(path == prefix or path.startswith(f"{prefix}/") for prefix in WITHOUT_FACTOR):
        raise Problem(
            403, "second_factor_missing", "Your roles want a second factor",
            "Set it up first: POST /v1/me/second-factor.",
        )  # fmt: skip
