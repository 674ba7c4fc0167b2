"""`/sign-in`, `/sign-out`: password, then the second factor or a recovery code; and out again."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges import cookies
from services.console.edges.api.login import know
from services.console.edges.api.state import Beginnings, Means, OwnAccount
from services.console.edges.api.texts import Secret
from services.console.edges.api.views import CodeIn, Login
from services.console.edges.identify import origin_of
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.view import View, Viewing, inside
from services.console.errors import LinkNotGood, SignInRefused, TooManyTries
from services.console.handlers import entry, sign_in
from services.console.handlers.sign_in import Entry

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def show_sign_in(view: Viewing, next: str = "/", said: str = "") -> Response:  # noqa: A002 - the parameter's name
    """The form of the first step."""
    return _first(view, inside(next), said=said)


@router.post("/sign-in")
async def take_password(view: Viewing, context: Means, form: Form) -> Response:
    """E-mail and password; on to the second step where there is one."""
    onward, email = inside(form.get("next", "/")), form.get("email", "")
    wish, errors = read(Login, form)
    if wish is None:
        return _first(view, onward, 422, email=email, errors=errors)
    try:
        done = await sign_in.with_password(
            context, wish.email, wish.password, origin_of(view.request), view.now
        )
    except SignInRefused:
        return _first(view, onward, 401, email=email, problem="sign_in.refused")
    except TooManyTries as error:
        return _first(view, onward, 429, email=email, problem="sign_in.wait", wait_s=error.retry_s)
    if done.complete:
        return _inside(view, done, onward)
    response = view.go("/sign-in/code" if onward == "/" else f"/sign-in/code?next={onward}")
    cookies.put(response, cookies.HALF, done.secret, int(context.rules.half.total_seconds()))
    return response


@router.get("/sign-in/code")
async def show_code(view: Viewing, next: str = "/") -> Response:  # noqa: A002
    """The form of the second step."""
    if not cookies.read(view.request, cookies.HALF):
        return view.go("/sign-in")
    return _second(view, inside(next))


@router.post("/sign-in/code")
async def take_code(view: Viewing, context: Means, form: Form) -> Response:
    """A code of the telephone, or a recovery code."""
    onward, half = inside(form.get("next", "/")), cookies.read(view.request, cookies.HALF)
    if not half:
        return view.go("/sign-in")
    wish, errors = read(CodeIn, form)
    if wish is None:
        return _second(view, onward, 422, errors=errors)
    try:
        done = await sign_in.with_code(context, half, wish.code, origin_of(view.request), view.now)
    except SignInRefused:
        return _second(view, onward, 401, problem="sign_in.code_refused")
    except TooManyTries as error:
        return _second(view, onward, 429, problem="sign_in.wait", wait_s=error.retry_s)
    response = _inside(view, done, onward)
    cookies.drop(response, cookies.HALF)
    return response


@router.get("/sign-in/once/{secret}")
async def sign_in_once(view: Viewing, context: Means, secret: Secret) -> Response:
    """By a link of the local stack, `./playcaller login`: good once."""
    try:
        done = await entry.enter(context, secret, origin_of(view.request), view.now)
    except LinkNotGood:
        return _first(view, "/", 410, problem="welcome.link_not_good")
    return _inside(view, done, "/today")


@router.post("/sign-out")
async def sign_out(view: Viewing, begin: Beginnings, own: OwnAccount) -> Response:
    """The session ends here, not only in the browser."""
    async with begin() as store:
        await store.sessions.end(own.account.id, own.session.id)
        await store.note(own.by, "sign_out", f"account:{own.account.id}")
    response = view.go("/sign-in?said=out")
    cookies.drop(response, cookies.SESSION)
    return response


def _inside(view: View, entry: Entry, onward: str) -> Response:
    response = view.go(onward)
    cookies.put(response, cookies.SESSION, entry.secret)
    know(response, entry.device)
    return response


def _first(view: View, onward: str, status: int = 200, **more: object) -> Response:
    values = {"email": "", "errors": {}, "problem": "", "wait_s": 0, "said": "", **more}
    provider = view.request.app.state.openid is not None
    return view.page("sign_in.html", status=status, onward=onward, provider=provider, **values)


def _second(view: View, onward: str, status: int = 200, **more: object) -> Response:
    values = {"errors": {}, "problem": "", "wait_s": 0, **more}
    return view.page("sign_in_code.html", status=status, onward=onward, **values)
