"""How somebody wants to work: keys, columns, saved views; kept with their account."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import msgspec

MOST_VIEWS = 20  # of a page: more than anybody reads through
LONGEST_NAME = 40
LONGEST_QUERY = 1_000


class Saved(msgspec.Struct, frozen=True):
    """A list as somebody wants to find it again: a name, and the address's query."""

    name: str
    query: str


class Wishes(msgspec.Struct, frozen=True):
    """What an account keeps.

    Attributes:
        keys: whether single keys do something.
        columns: of lists, by page; those that are chosen.
        views: saved ones, by page, in the order in which they were saved.
    """

    keys: bool = True
    columns: dict[str, list[str]] = {}
    views: dict[str, list[Saved]] = {}

    @classmethod
    def kept(cls, raw: Mapping[str, Any]) -> Self:
        """What a row keeps; what it does not say is as it is for everybody.

        >>> Wishes.kept({"keys": False}).keys, Wishes.kept({}).keys
        (False, True)
        """
        return msgspec.convert(dict(raw), cls)

    @property
    def row(self) -> dict[str, Any]:
        """As a row keeps it."""
        document: dict[str, Any] = msgspec.to_builtins(self)
        return document

    def with_keys(self, *, on: bool) -> "Wishes":
        """The same with single keys on or off."""
        return msgspec.structs.replace(self, keys=on)

    def with_columns(self, page: str, chosen: Sequence[str]) -> "Wishes":
        """The same with these columns on a page."""
        return msgspec.structs.replace(self, columns={**self.columns, page: list(chosen)})

    def shown(self, page: str, there: Sequence[str], usual: Sequence[str]) -> Sequence[str]:
        """The columns that somebody sees of those that are there, in the list's own order.

        >>> Wishes().shown("/t", ["a", "b", "c"], ["a"])
        ['a']
        >>> Wishes(columns={"/t": ["c", "a", "gone"]}).shown("/t", ["a", "b", "c"], ["a"])
        ['a', 'c']
        """
        chosen = [name for name in there if name in self.columns.get(page, ())]
        return chosen or list(usual)

    def with_view(self, page: str, saved: Saved) -> "Wishes":
        """The same with one more saved view; one of the same name is overwritten in its place.

        >>> both = Wishes().with_view("/t", Saved("a", "x=1")).with_view("/t", Saved("b", ""))
        >>> [each.name for each in both.with_view("/t", Saved("a", "x=2")).views["/t"]]
        ['a', 'b']
        """
        there = {saved_view.name: saved_view for saved_view in self.views.get(page, ())}
        kept = list({**there, saved.name: saved}.values())[:MOST_VIEWS]
        return msgspec.structs.replace(self, views={**self.views, page: kept})

    def without_view(self, page: str, name: str) -> "Wishes":
        """The same without a saved view."""
        kept = [saved_view for saved_view in self.views.get(page, ()) if saved_view.name != name]
        return msgspec.structs.replace(self, views={**self.views, page: kept})
