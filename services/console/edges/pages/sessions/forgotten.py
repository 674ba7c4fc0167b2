"""`/forgotten`: a mailed link for another password."""

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.edges.api.state import Means
from services.console.edges.api.views import ResetIn
from services.console.edges.identify import origin_of
from services.console.edges.pages.forms import Form, read
from services.console.edges.pages.view import Viewing
from services.console.errors import TooManyTries
from services.console.handlers import links

router = APIRouter(include_in_schema=False)


@router.get("/forgotten")
async def show_forgotten(view: Viewing) -> Response:
    """The form."""
    return view.page("forgotten.html", email="", errors={}, problem="", wait_s=0)


@router.post("/forgotten")
async def ask_link(view: Viewing, context: Means, form: Form) -> Response:
    """Mail a link, if there is such an account: the answer is always the same."""
    wish, errors = read(ResetIn, form)
    values = {"email": form.get("email", ""), "errors": errors, "problem": "", "wait_s": 0}
    if wish is None:
        return view.page("forgotten.html", status=422, **values)
    origin = origin_of(view.request)
    try:
        await links.count_reset(context, origin, view.now)
    except TooManyTries as error:
        values |= {"problem": "sign_in.wait", "wait_s": error.retry_s}
        return view.page("forgotten.html", status=429, **values)
    view.request.app.state.aside(links.mail_reset(context, wish.email, origin, view.now))
    return view.go("/sign-in?said=mailed")
