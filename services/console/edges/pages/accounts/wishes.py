"""`/account/keys`, `/views`, `/columns`: how somebody wants to work, kept with their account."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter
from fastapi.responses import Response

from services.console.domain.pages.accounts.wishes import LONGEST_NAME, LONGEST_QUERY, Saved, Wishes
from services.console.edges.api.state import Beginnings, OwnAccount
from services.console.edges.pages.forms import Form
from services.console.edges.pages.view import View, Viewing, inside
from services.console.handlers.own_account import Own
from services.console.store.store import Beginning

router = APIRouter(include_in_schema=False)
COLUMN = "column-"
MOST_COLUMNS = 30


def there(view: View, table: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """The columns that a list has, with their words; `table` has the keys of these."""
    words = view.words
    return [(name, words(key)) for name, key in table.items()]


def heads(view: View, page: str, table: Mapping[str, str]) -> Mapping[str, str]:
    """Those of them that somebody sees."""
    names = list(table)
    words = dict(there(view, table))
    return {name: words[name] for name in view.wishes.shown(page, names, names)}


class Change:
    """What somebody wants from now on."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes = wishes


@asynccontextmanager
async def _changing(begin: Beginning, own: Own) -> AsyncIterator[Change]:
    """One change at a time: of two tabs neither forgets what the other one has kept."""
    async with begin() as store:
        held = await store.accounts.by_id(own.account.id, lock=True)
        change = Change(own.account.wishes if held is None else held.wishes)
        yield change
        await store.accounts.wish(own.account.id, change.wishes)


@router.post("/account/keys")
async def choose_keys(view: Viewing, begin: Beginnings, own: OwnAccount, form: Form) -> Response:
    """Single keys do something, or nothing."""
    async with _changing(begin, own) as change:
        change.wishes = change.wishes.with_keys(on=form.get("keys") == "on")
    return view.go(inside(form.get("next", "/account")))


@router.post("/account/views")
async def save_view(view: Viewing, begin: Beginnings, own: OwnAccount, form: Form) -> Response:
    """Keep a list's filters under a name; `drop` forgets one."""
    page, name = inside(form.get("page", "")), " ".join(form.get("name", "").split())
    query = form.get("query", "")[:LONGEST_QUERY]
    async with _changing(begin, own) as change:
        if form.get("drop"):
            change.wishes = change.wishes.without_view(page, form["drop"])
        elif name:
            change.wishes = change.wishes.with_view(page, Saved(name[:LONGEST_NAME], query))
    return view.go(f"{page}?{query}" if query else page)


@router.post("/account/columns")
async def choose_columns(view: Viewing, begin: Beginnings, own: OwnAccount, form: Form) -> Response:
    """The columns of a list; none: those it has for everybody."""
    page, query = inside(form.get("page", "")), form.get("query", "")[:LONGEST_QUERY]
    chosen = [name.removeprefix(COLUMN) for name in form if name.startswith(COLUMN)]
    async with _changing(begin, own) as change:
        change.wishes = change.wishes.with_columns(page, chosen[:MOST_COLUMNS])
    return view.go(f"{page}?{query}" if query else page)
