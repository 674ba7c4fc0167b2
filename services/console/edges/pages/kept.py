"""What somebody typed, shown again when it could not be done: nothing of it is lost.

A session ends and a right is withdrawn while a form is being filled in; a service behind may be away.
The page shows the words again, with a button that sends all of it once more, the same key included: it
is done once. A form with a password or a code in it is not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from services.console.edges.pages import forms
from services.console.edges.pages.frame import HEADERS
from services.console.edges.pages.view import View, inside
from shared.web.problems import Problem

SECRETS = frozenset({"password", "present", "wanted", "again", "code", "secret"})
LATER = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})  # it could be done later
FOREIGN = "other_origin"  # what another site sends is not shown to anybody


@dataclass(frozen=True, slots=True)
class Said:
    """Why it was not done."""

    title: str
    detail: str


def html(view: View, said: Said, form: Mapping[str, str], sign_in: str = "") -> str:
    """The page.

    Args:
        sign_in: where to sign in first; empty: that is not what was missing.
    """
    words = view.words
    typed = {name for name in form if words.has(f"kept.fields.{name}")}
    fields = [
        (name, words(f"kept.fields.{name}") if name in typed else "", value)
        for name, value in form.items()
        if name != forms.CSRF
    ]
    return view.html("kept.html", said=said, fields=fields, sign_in=sign_in)


class Kept(HTMLResponse):
    """Answers a form that was refused before anybody read it: it is read now, to be shown again."""

    def __init__(self, view: View, problem: Problem, said: Said, plain: str) -> None:
        """Args: plain: the page that tells the problem, for forms that are not kept."""
        super().__init__(plain, problem.status, headers={**HEADERS, **problem.headers})
        self._view, self._problem, self._said = view, problem, said

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the form and answer."""
        form = await self._form(Request(scope, receive))
        if form:
            strangers = self._problem.status == HTTPStatus.UNAUTHORIZED
            sign_in = f"/sign-in?next={_page(self._view.request)}" if strangers else ""
            page = html(self._view, self._said, form, sign_in)
            more = {**HEADERS, **self._problem.headers}
            await HTMLResponse(page, self.status_code, headers=more)(scope, receive, send)
            return
        await super().__call__(scope, receive, send)

    async def _form(self, request: Request) -> Mapping[str, str]:
        """What is worth keeping; empty: nothing, or it cannot be read."""
        given: Mapping[str, str] | None = getattr(request.state, "form", None)
        try:
            form = await forms.taken(request) if given is None else given
        except Problem:
            return {}
        typed = {name for name, value in form.items() if value and name != forms.CSRF}
        return {} if typed & SECRETS or not typed else form


def is_for(request: Request, problem: Problem) -> bool:
    """Whether a form may be shown again after this problem."""
    return request.method == "POST" and problem.status in LATER and problem.kind != FOREIGN


def _page(request: Request) -> str:
    """The page the form stands in."""
    came = urlsplit(request.headers.get("referer", ""))
    path = came.path if came.netloc == request.url.netloc else ""
    return quote(inside(path or "/"), safe="/")
