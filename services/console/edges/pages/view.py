"""What a page's route works with: who looks, with which looks, whom it asks, how it answers."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.console.domain.pages.accounts.wishes import Wishes
from services.console.domain.pages.looks import Looks, looks
from services.console.domain.sealed.digest import csrf_token
from services.console.edges import cookies
from services.console.edges.identify import SignedIn
from services.console.edges.pages.frame import HEADERS, Frame
from services.console.edges.pages.page import Page, navigation, page_of
from services.console.edges.pages.words import Words
from services.console.edges.services import Asked
from services.console.store.store import Beginning
from shared.clock import wall_now
from shared.web.problems import Problem
from shared.web.who import Who

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """One look at one page."""

    request: Request
    now: datetime

    @property
    def who(self) -> Who | None:
        """Who looks; None: somebody who has not signed in."""
        known: Who | None = getattr(self.request.state, "who", None)
        return known

    @property
    def signed_in(self) -> SignedIn | None:
        """Their account and session."""
        return getattr(self.request.state, "signed_in", None)

    @cached_property
    def looks(self) -> Looks:
        """Theme and zone of this browser."""
        read = self.request.cookies.get
        return looks(*(read(name, "") for name in (cookies.THEME, cookies.ZONE)))

    @property
    def wishes(self) -> Wishes:
        """How who looks wants to work."""
        return Wishes() if self.signed_in is None else self.signed_in.account.wishes

    @cached_property
    def ask(self) -> Asked:
        """The other services, asked with the person's own token."""
        state = self.request.app.state
        assert self.who is not None  # noqa: S101 - routes of the signed in only
        return Asked(state.services, state.signer.recent(self.who, self.now))

    async def alike(self, what: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """What another service answers, asked once for all of ours with the same roles who ask now.

        Not for partners, and nothing that is audited for who reads it.
        """
        assert self.who is not None and self.who.organisation is None  # noqa: S101, PT018
        answer: T = await self.request.app.state.together.ask((self.who.roles, what), ask)
        return answer

    @property
    def words(self) -> Words:
        """The sentences of the catalogue."""
        return self._frame.words

    @property
    def begin(self) -> Beginning:
        """Begins a transaction of console's own database."""
        begin: Beginning = self.request.app.state.begin
        return begin

    @property
    def address(self) -> str:
        """What was asked for, with its query."""
        url = self.request.url
        return url.path + (f"?{url.query}" if url.query else "")

    def asked(self, *names: str) -> dict[str, str]:
        """Those of these values that the address gives: its filters."""
        given = self.request.query_params
        return {name: given[name] for name in names if given.get(name)}

    @property
    def is_fragment(self) -> bool:
        """Whether a part of a page is asked for, by the page itself."""
        return "hx-request" in self.request.headers

    def page(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page or a part of one."""
        return HTMLResponse(self.html(template, **values), status, headers=HEADERS)

    def html(self, template: str, **values: Any) -> str:
        """The HTML of a template."""
        return self._frame.render(template, view=self, **values)

    @property
    def _frame(self) -> Frame:
        frame: Frame = self.request.app.state.frame
        return frame

    def go(self, path: str) -> Response:
        """On to another page, after a form."""
        return RedirectResponse(path, 303)

    # what the frame shows

    @cached_property
    def imported(self) -> dict[str | None, Any]:
        """The macros of this look, by template."""
        return {}

    @cached_property
    def here(self) -> Page | None:
        """The catalogue's line of this page."""
        return page_of(self.request.app.state.pages, self.request.url.path)

    @cached_property
    def navigation(self) -> Mapping[str, Any]:
        """What this person may open, by place."""
        return {} if self.who is None else navigation(self.request.app.state.pages, self.who)

    @property
    def csrf(self) -> str:
        """What every form carries; empty where nobody has signed in."""
        return "" if self.signed_in is None else csrf_token(self.signed_in.secret)

    @cached_property
    def is_confirmed(self) -> bool:
        """Whether a code was given a moment ago, as sensitive acts want it."""
        rules = self.request.app.state.context.rules
        signed_in = self.signed_in
        return signed_in is not None and signed_in.session.is_stepped_up(self.now, rules)

    @property
    def request_id(self) -> str:
        """By which the log knows this request."""
        return getattr(self.request.state, "request", "")

    def has(self, *roles: str) -> bool:
        """Whether who looks has one of these roles."""
        return self.who is not None and bool(self.who.roles & set(roles))

    def only(self, *roles: str) -> None:
        """Raises Problem 403: whoever looks has none of these roles."""
        if not self.has(*roles):
            raise Problem(403, "not_permitted", "Your roles do not permit this")

    def may(self, path: str) -> bool:
        """Whether who looks may open the page of this path."""
        page = page_of(self.request.app.state.pages, path)
        return page is not None and self.who is not None and page.is_for(self.who)


async def _view(request: Request) -> View:
    return View(request, wall_now())


Viewing = Annotated[View, Depends(_view)]
"""A route's argument: the look that is asked for."""


def inside(path: str) -> str:
    r"""A path of ours to go on to, `/` for anything else: nobody is sent to another host.

    >>> inside("/tickets?state=open"), inside("//example.org"), inside("/\\example.org")
    ('/tickets?state=open', '/', '/')
    """
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


def pair(after: tuple[object, ...] | None) -> tuple[str, str] | None:
    """Where a list by two texts goes on; anything else begins it anew."""
    match after:
        case (str() as first, str() as second):
            return first, second
        case _:
            return None


def sign_in_path(request: Request) -> str:
    """Where somebody signs in who asked for this page, and comes back to it."""
    asked = View(request, wall_now()).address
    return "/sign-in" if asked == "/" else f"/sign-in?next={quote(asked, safe='/')}"
