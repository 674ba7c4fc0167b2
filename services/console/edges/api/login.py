"""`/v1/login`, `/v1/session`, `/v1/links`, `/v1/password-resets`: in and out."""

from fastapi import APIRouter, Request, Response

from services.console.domain.sealed.digest import csrf_token
from services.console.domain.sessions import device
from services.console.edges import cookies
from services.console.edges.api.state import FROM_OUR_PAGES, Beginnings, Beside, Means, OwnAccount
from services.console.edges.api.views import (
    Accept,
    AccountView,
    CodeIn,
    Login,
    Me,
    Progress,
    ResetIn,
)
from services.console.edges.identify import origin_of
from services.console.errors import SignInRefused
from services.console.handlers import links, own_account, sign_in
from services.console.handlers.links import Chosen
from shared.clock import wall_now

router = APIRouter(tags=["sign in"])


@router.post("/v1/login", dependencies=[FROM_OUR_PAGES])
async def login(request: Request, response: Response, context: Means, wish: Login) -> Progress:
    """E-mail and password; with a second factor the sign-in goes on at the next route.

    Wrong tries make the next ones wait (429 with Retry-After). No answer says whether there is such
    an account.
    """
    entry = await sign_in.with_password(
        context, wish.email, wish.password, origin_of(request), wall_now()
    )
    if entry.complete:
        know(response, entry.device)
        return enter(response, entry.secret)
    cookies.put(response, cookies.HALF, entry.secret, int(context.rules.half.total_seconds()))
    return Progress(state="second_factor_needed")


@router.post("/v1/login/second-factor", dependencies=[FROM_OUR_PAGES])
async def second_step(
    request: Request, response: Response, context: Means, wish: CodeIn
) -> Progress:
    """A code of the telephone, or a recovery code, within five minutes of the password."""
    half = cookies.read(request, cookies.HALF)
    if not half:
        raise SignInRefused
    entry = await sign_in.with_code(context, half, wish.code, origin_of(request), wall_now())
    cookies.drop(response, cookies.HALF)
    know(response, entry.device)
    return enter(response, entry.secret)


@router.get("/v1/session")
async def read_session(request: Request, context: Means, begin: Beginnings, own: OwnAccount) -> Me:
    """Who is signed in, and the token that every change from a page carries."""
    async with begin() as store:
        left = await store.accounts.recovery_codes_left(own.account.id)
    return Me(
        account=AccountView.of(own.account),
        csrf_token=csrf_token(request.state.signed_in.secret),
        second_factor_missing=own.account.lacks_second_factor(context.rules.second_factor_roles),
        stepped_up=own.session.is_stepped_up(own.by.now, context.rules),
        recovery_codes_left=left,
    )


@router.delete("/v1/session", status_code=204)
async def logout(response: Response, context: Means, own: OwnAccount) -> None:
    """Sign out: the session ends here, not only in the browser."""
    await own_account.sign_out(context, own)
    cookies.drop(response, cookies.SESSION)


@router.post("/v1/links/accept", status_code=204, dependencies=[FROM_OUR_PAGES])
async def accept(request: Request, response: Response, context: Means, wish: Accept) -> None:
    """Choose a password by a link: the first admin's, an invitation's, a reset's. Then sign in."""
    chosen = Chosen(wish.password, wish.email, wish.name)
    know(response, await links.accept(context, wish.secret, chosen, origin_of(request), wall_now()))


@router.post("/v1/password-resets", status_code=202, dependencies=[FROM_OUR_PAGES])
async def ask_reset(
    request: Request, context: Means, beside: Beside, wish: ResetIn
) -> dict[str, str]:
    """Mail a link for a new password, if there is such an account: the answer is always this."""
    now, origin = wall_now(), origin_of(request)
    await links.count_reset(context, origin, now)
    beside(links.mail_reset(context, wish.email, origin, now))
    return {"said": "If there is such an account, a mail is on its way. It is good for 30 minutes."}


def enter(response: Response, secret: str) -> Progress:
    """Give the browser its session."""
    cookies.put(response, cookies.SESSION, secret)
    return Progress(state="signed_in", csrf_token=csrf_token(secret))


def know(response: Response, known: str) -> None:
    """Let the browser say next time that its owner was in."""
    cookies.put(response, cookies.DEVICE, known, int(device.LIFE.total_seconds()))
