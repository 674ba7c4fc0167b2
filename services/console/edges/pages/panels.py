"""Panels: parts of a page that are asked for side by side, and fail alone.

A page waits a moment for its panels and shows those that came; the browser asks for the rest. A panel
whose service is away says so and comes when the service answers again; a button asks at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from services.console.edges.pages.view import View, Viewing
from shared.web.client.answered import Away, Refused
from shared.web.problems import Problem

PATIENCE_S = 0.3  # what comes later is asked for by the browser
AGAIN = "x-still-away"  # the browser asks by itself for what was away

T = TypeVar("T")
Load = Callable[[View], Awaitable[Mapping[str, Any]]]
"""What a panel's template is given; asks one service."""


@dataclass(frozen=True)
class Panel:
    """One panel of a page.

    Attributes:
        name: in its address and as its element's id.
        title: key of its title.
        template: beside the page.
        load: asks for what it shows.
        roles: who has it; empty: whoever has the page.
    """

    name: str
    title: str
    template: str
    load: Load
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Shown:
    """A panel as the page shows it; `html` None: the browser asks for it."""

    panel: Panel
    address: str
    html: Markup | None


async def shown(view: View, panels: Sequence[Panel], path: str = "") -> Sequence[Shown]:
    """The panels that somebody has, as far as they come within a moment.

    Args:
        path: of their page, where it is not what was asked for: a form was sent.
    """
    wanted = [panel for panel in panels if not panel.roles or view.has(*panel.roles)]
    path, state = path or view.request.url.path, _state(view)
    addresses = [f"{path}/panels/{panel.name}{state}" for panel in wanted]
    tasks = [
        asyncio.create_task(_html(view, panel, address))
        for panel, address in zip(wanted, addresses, strict=True)
    ]
    if tasks:
        await asyncio.wait(tasks, timeout=PATIENCE_S)
    for task in tasks:
        task.cancel()
    return [
        Shown(panel, address, task.result() if _came(task) else None)
        for panel, address, task in zip(wanted, addresses, tasks, strict=True)
    ]


def later(view: View, panels: Sequence[Panel], path: str) -> Sequence[Shown]:
    """Panels of another page, which the browser asks for there."""
    return [
        Shown(panel, f"{path}/panels/{panel.name}", None)
        for panel in panels
        if not panel.roles or view.has(*panel.roles)
    ]


def serve(router: APIRouter, path: str, panels: Sequence[Panel]) -> None:
    """Add the route by which the browser asks for the panels of a page."""
    known = {of_page.name: of_page for of_page in panels}

    @router.get(f"{path}/panels/{{panel}}")
    async def read_panel(view: Viewing, panel: str) -> Response:
        """One panel."""
        known_panel = known.get(panel)
        if known_panel is None or (known_panel.roles and not view.has(*known_panel.roles)):
            raise Problem(404, "not_found", "There is no such panel")
        address = view.request.url.path + _state(view)
        html = await _html(view, known_panel, address, again=AGAIN in view.request.headers)
        if html is None:
            return Response(status_code=204)
        if view.is_fragment:
            return view.page("_panel.html", html=html)
        return view.page("panel.html", html=html, panel=known_panel)


def _state(view: View) -> str:
    """The query of the page: its panels show what its address asks for."""
    query = view.request.url.query
    return f"?{query}" if query else ""


def _came(task: "asyncio.Task[Markup | None]") -> bool:
    return task.done() and not task.cancelled()


async def _html(view: View, panel: Panel, address: str, *, again: bool = False) -> Markup | None:
    """What a panel shows; None: asked again, its service is still away, and nothing moves."""
    try:
        return await _loaded(view, panel)
    except Away as error:
        if again:
            return None
        words = view.words
        says = words("panels.away_says", service=words(f"services.{error.service}"))
        return _away(view, address, says, comes=True)
    except Problem as error:
        return _away(view, address, error.detail or error.title, comes=False)


async def _loaded(view: View, panel: Panel) -> Markup:
    """Raises: Away, Problem."""
    return Markup(view.html(panel.template, **await panel.load(view)))  # noqa: S704 - ours


def _away(view: View, address: str, says: str, *, comes: bool) -> Markup:
    """Args: comes: the browser asks again by itself."""
    return Markup(view.html("_away.html", address=address, says=says, comes=comes))  # noqa: S704


async def in_time(asked: Awaitable[T], otherwise: T, within_s: float = PATIENCE_S) -> T:
    """What comes within a moment: a page does not wait for what is only beside its matter."""
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except (Away, Refused, TimeoutError):
        return otherwise
