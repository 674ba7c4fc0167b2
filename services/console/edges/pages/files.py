"""Lists as files: whatever a list shows is there as CSV, with the list's own filters, to its end.

A file is streamed page by page; an answer that does not come ends it early, and the browser says so.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from services.console.domain.pages.safe_cells import Value, lines
from services.console.edges.pages.frame import HEADERS
from services.console.edges.pages.view import View, Viewing
from services.console.edges.services.answers import Found
from shared.clock import wall_now
from shared.web.problems import Problem

MARK = "\ufeff"  # without it spreadsheets read UTF-8 as something else

Ask = Callable[[View, str | None], Awaitable[Found[Any]]]
"""One page of the list, from a place on, as the address filters it."""


@dataclass(frozen=True)
class File:
    """A list as a file.

    Attributes:
        name: of the file, without its ending.
        columns: their names; those of the HTTP interface, so that programs can rely on them.
        ask: for a page of the list.
        row: the values of an item, one for each column; None: what the item calls so.
        roles: who may have it; empty: whoever has the page.
    """

    name: str
    columns: Sequence[str]
    ask: Ask
    row: Callable[[Any], Sequence[Value]] | None = None
    roles: frozenset[str] = frozenset()

    def values(self, item: Any) -> Sequence[Value]:
        """A line of it."""
        return (
            [getattr(item, name) for name in self.columns] if self.row is None else self.row(item)
        )


def serve(router: APIRouter, path: str, files: Sequence[File]) -> None:
    """Add the route of the files of a page: `<path>/files/<name>.csv?<filters>`."""
    known = {listed_file.name: listed_file for listed_file in files}

    @router.get(f"{path}/files/{{name}}.csv")
    async def read_file(view: Viewing, name: str) -> Response:
        """The whole list."""
        file = known.get(name)
        if file is None or (file.roles and not view.has(*file.roles)):
            raise Problem(404, "not_found", "There is no such file")
        first = await file.ask(view, None)  # what is refused is told before a file begins
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(
            _streamed(view, file, first), media_type="text/csv; charset=utf-8", headers=headers
        )


async def _streamed(view: View, file: File, page: Found[Any]) -> AsyncIterator[str]:
    yield MARK + lines([file.columns])
    while True:
        yield lines(file.values(item) for item in page.items)
        if page.next is None:
            return
        later = View(view.request, wall_now())  # a long list outlives the token of its first page
        page = await file.ask(later, page.next)
