"""What a page is in the catalogue, and what follows from its line: rights and navigation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter
from fastapi.routing import APIRoute

from shared.web.guards.rights import Right, all_of
from shared.web.who import Role, Who

PLACES = ("work", "system", "admin")  # of the navigation, from top to bottom


@dataclass(frozen=True)
class Page:
    """One line of the catalogue.

    Attributes:
        path: where it is; whatever lies below it in its router belongs to it.
        title: key of its title in messages/en.toml.
        icon: its name in static/icons.svg.
        key: pressed after `g` to come here; empty: none.
        roles: who may open it; empty with `why`: everybody, signed in or not.
        place: where in the navigation; None: nowhere.
        why: of an open page, why it needs no sign-in.
        no_file: of a page in the navigation whose list is not there as a file, why.
    """

    path: str
    title: str
    icon: str = ""
    key: str = ""
    roles: frozenset[Role] = field(default=frozenset())
    place: str | None = None
    why: str = ""
    no_file: str = ""

    def holds(self, path: str) -> bool:
        """Whether a path is the page's or lies below it."""
        return path == self.path or path.startswith(f"{self.path}/")

    def is_for(self, who: Who) -> bool:
        """Whether somebody may open it."""
        return bool(self.roles & who.roles)


def page_of(pages: Iterable[Page], path: str) -> Page | None:
    """The page that a path belongs to: the longest of those that hold it."""
    holding = [page for page in pages if page.holds(path)]
    return max(holding, key=lambda page: len(page.path), default=None)


def navigation(pages: Sequence[Page], who: Who) -> Mapping[str, Sequence[Page]]:
    """What stands in somebody's navigation, by place; places without a page are left out."""
    shown = {
        place: [page for page in pages if page.place == place and page.is_for(who)]
        for place in PLACES
    }
    return {place: those for place, those in shown.items() if those}


def rights(pages: Sequence[Page], routers: Iterable[APIRouter]) -> tuple[Right, ...]:
    """The lines of the rights table: every route has those of its page, one without a page none."""
    lines = []
    routes = [route for router in routers for route in router.routes]
    for route in routes:
        assert isinstance(route, APIRoute)  # noqa: S101 - nothing else is on a page's router
        page = page_of(pages, route.path)
        if page is None:
            continue
        for method in sorted(route.methods or ()):
            roles = all_of(*sorted(page.roles))
            path = route.path.replace(":path}", "}")  # as the table of rights writes them
            lines.append(Right(method, path, roles, open=bool(page.why), why=page.why))
    return tuple(lines)
