"""`/welcome`: where mailed links lead. What stands behind `#` reaches us with the form only."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.api.login import know
from services.console.edges.api.state import Means
from services.console.edges.api.views import Accept
from services.console.edges.identify import origin_of
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.view import View, Viewing
from services.console.errors import LinkNotGood, PasswordRefused, TooManyTries
from services.console.handlers import links
from services.console.handlers.links import Chosen

router = APIRouter(include_in_schema=False)
PLAIN = ("secret", "email", "name")  # shown again; a password is not


@router.get("/welcome")
async def show_welcome(view: Viewing) -> Response:
    """The form; a script moves the link's secret into it, without one it is pasted."""
    return _welcome(view)


@router.post("/welcome")
async def accept(view: Viewing, context: Means, form: Form) -> Response:
    """Choose a password by a link: the first admin's, an invitation's, a reset's. Then sign in."""
    wish, errors = read(Accept, form)
    typed = {name: form.get(name, "") for name in PLAIN}
    if form.get("password", "") != form.get("again", ""):
        errors = {**errors, "again": view.words("welcome.not_the_same")}
    if wish is None or errors:
        return _welcome(view, 422, typed, errors=errors)
    chosen = Chosen(wish.password, wish.email, wish.name)
    try:
        known = await links.accept(context, wish.secret, chosen, origin_of(view.request), view.now)
    except LinkNotGood:
        return _welcome(view, 410, typed, problem="welcome.link_not_good")
    except PasswordRefused as error:
        return _welcome(view, 422, typed, errors={"password": str(error)})
    except TooManyTries as error:
        return _welcome(view, 429, typed, problem="sign_in.wait", wait_s=error.retry_s)
    response = view.go("/sign-in?said=chosen")
    know(response, known)
    return response


def _welcome(
    view: View, status: int = 200, typed: dict[str, str] | None = None, **more: object
) -> Response:
    values = {"errors": {}, "problem": "", "wait_s": 0, **more}
    shown = dict.fromkeys(PLAIN, "") | (typed or {})
    first = "first" in view.request.query_params  # the link of the first admin says so
    return view.page("welcome.html", status=status, typed=shown, first=first, **values)
