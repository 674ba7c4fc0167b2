"""`/account`: one's own sessions, looks, second factor and recovery codes."""

from urllib.parse import quote

import segno
from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from services.console.domain.pages.looks import THEMES, is_zone
from services.console.edges import cookies
from services.console.edges.api.state import Beginnings, Means, OwnAccount
from services.console.edges.api.views import CodeIn, FactorIn, PasswordChange
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.view import View, Viewing, inside
from services.console.errors import PasswordRefused, SignInRefused, TooManyTries
from services.console.handlers import own_account
from services.console.handlers.own_account import Own

router = APIRouter(include_in_schema=False)
TODAY = "/today"
YEAR_S = 365 * 24 * 3600


@router.get("/account")
async def show_account(
    view: Viewing, begin: Beginnings, own: OwnAccount, said: str = ""
) -> Response:
    """Everything of one's own account."""
    async with begin() as store:
        sessions = await store.sessions.of(own.account.id)
        left = await store.accounts.recovery_codes_left(own.account.id)
    return view.page(
        "account.html", own=own, sessions=sessions, left=left, said=said, themes=THEMES
    )


@router.post("/account/looks")
async def choose_looks(view: Viewing, form: Form) -> Response:
    """Theme and zone of this browser; back to where they were chosen."""
    response = view.go(inside(form.get("next", "/account")))
    theme, zone = form.get("theme", ""), form.get("zone", "")
    if theme in THEMES:
        _keep(response, cookies.THEME, theme)
    if zone and is_zone(zone):
        _keep(response, cookies.ZONE, zone)
    return response


@router.post("/account/sessions")
async def end_sessions(view: Viewing, begin: Beginnings, own: OwnAccount, form: Form) -> Response:
    """End one session, or all but this one."""
    async with begin() as store:
        if session := form.get("session"):
            await store.sessions.end(own.account.id, session)
        else:
            await store.sessions.end_all(own.account.id, but=own.session.id)
        await store.note(own.by, "sessions.end", f"account:{own.account.id}")
    return view.go("/account?said=ended")


@router.get("/account/password")
async def show_password(view: Viewing) -> Response:
    """The form of another password."""
    return view.page("password.html", errors={}, problem="", wait_s=0)


@router.post("/account/password")
async def change_password(view: Viewing, context: Means, own: OwnAccount, form: Form) -> Response:
    """Another password; all other sessions end."""
    wish, errors = read(PasswordChange, form)
    problem, wait_s = "", 0
    if wish is not None:
        try:
            secret = await own_account.change_password(context, own, wish.present, wish.wanted)
        except PasswordRefused as error:
            errors = {"wanted": str(error)}
        except SignInRefused:
            problem = "account.password_wrong"
        except TooManyTries as error:
            problem, wait_s = "sign_in.wait", error.retry_s
        else:
            response = view.go("/account?said=password")
            cookies.put(response, cookies.SESSION, secret)
            return response
    return view.page("password.html", status=422, errors=errors, problem=problem, wait_s=wait_s)


@router.get("/account/second-factor")
async def show_second_factor(
    view: Viewing,
    own: OwnAccount,
    next: str = "",  # noqa: A002 - the parameter's name
) -> Response:
    """Why it is wanted, and the password once more before a secret is drawn."""
    return _factor(view, own, onward=next)


@router.post("/account/second-factor")
async def begin_second_factor(
    view: Viewing, context: Means, own: OwnAccount, form: Form
) -> Response:
    """Draw a secret and show it as a QR code; a code confirms it at the next route."""
    wish, errors = read(FactorIn, form)
    onward = form.get("next", "")
    if wish is None:
        return _factor(view, own, 422, errors=errors, onward=onward)
    try:
        secret, uri = await own_account.begin_second_factor(context, own, wish.password)
    except SignInRefused:
        return _factor(view, own, 422, problem="account.password_wrong", onward=onward)
    except TooManyTries as error:
        return _factor(view, own, 429, problem="sign_in.wait", wait_s=error.retry_s, onward=onward)
    return _factor(view, own, secret=secret, picture=_picture(uri), onward=onward)


@router.post("/account/second-factor/confirm")
async def confirm_second_factor(
    view: Viewing, context: Means, own: OwnAccount, form: Form
) -> Response:
    """The telephone's code; recovery codes are shown once."""
    wish, errors = read(CodeIn, form)
    again = {"waiting": True, "onward": form.get("next", "")}
    if wish is None:
        return _factor(view, own, 422, errors=errors, **again)
    try:
        done = await own_account.confirm_second_factor(context, own, wish.code)
    except SignInRefused:
        return _factor(view, own, 422, problem="sign_in.code_refused", **again)
    except TooManyTries as error:
        return _factor(view, own, 429, problem="sign_in.wait", wait_s=error.retry_s, **again)
    onward = inside(form.get("next") or TODAY)
    response = view.page("recovery_codes.html", codes=done.recovery_codes, onward=onward)
    cookies.put(response, cookies.SESSION, done.session_secret)
    return response


@router.post("/account/recovery-codes")
async def renew_recovery_codes(view: Viewing, context: Means, own: OwnAccount) -> Response:
    """Ten new ones; the old ones are good no more. Wants a code of a moment ago."""
    codes = await own_account.renew_recovery_codes(context, own)
    return view.page("recovery_codes.html", codes=codes, onward=TODAY)


@router.get("/account/step-up")
async def show_step_up(
    view: Viewing,
    own: OwnAccount,
    next: str = "/account",  # noqa: A002 - the parameter's name
) -> Response:
    """A code before a sensitive act; who has no second factor yet sets one up and goes on."""
    if not own.account.has_second_factor:
        return view.go(f"/account/second-factor?next={quote(inside(next), safe='/')}")
    return _step_up(view, own, onward=inside(next))


@router.post("/account/step-up")
async def step_up(view: Viewing, context: Means, own: OwnAccount, form: Form) -> Response:
    """It counts for ten minutes."""
    onward = inside(form.get("next", "/account"))
    wish, errors = read(CodeIn, form)
    problem, wait_s = "", 0
    if wish is not None:
        try:
            secret = await own_account.step_up(context, own, wish.code)
        except SignInRefused:
            problem = "sign_in.code_refused"
        except TooManyTries as error:
            problem, wait_s = "sign_in.wait", error.retry_s
        else:
            response = view.go(onward)
            cookies.put(response, cookies.SESSION, secret)
            return response
    return _step_up(view, own, 422, onward=onward, errors=errors, problem=problem, wait_s=wait_s)


def _step_up(view: View, own: Own, status: int = 200, **more: object) -> Response:
    """The form for a code; who came in by a link of the local system has none, but can open another."""
    by_link = view.request.app.state.is_local and own.account.password_hash is None
    roles = sorted(own.account.roles)
    values = {"errors": {}, "problem": "", "wait_s": 0, "role": roles[0] if by_link else "", **more}
    return view.page("step_up.html", status=status, **values)


def _factor(view: View, own: Own, status: int = 200, **more: object) -> Response:
    values = {
        "errors": {}, "problem": "", "wait_s": 0, "secret": "", "picture": "", "waiting": False,
        "onward": "", **more
    }  # fmt: skip
    return view.page("second_factor.html", status=status, own=own, **values)


def _picture(uri: str) -> Markup:
    """A QR code without inline style."""
    drawn = segno.make(uri, error="m").svg_inline(scale=5, border=2, svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704 - drawn by us, of a text of ours


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=YEAR_S, path="/", samesite="lax")
