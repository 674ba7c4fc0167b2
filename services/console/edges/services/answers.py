"""What answers of the other services have in common."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Generic, TypeVar
from urllib.parse import urlencode

import msgspec

T = TypeVar("T")
FILE_S = 60.0  # to hand in a file: 100,000 lines are read before the answer
MANY = 200  # items of a page: as many as services give
NOBODY = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})  # none can be called so


class Found(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list; `next` is where the following one begins, None: it was the last."""

    items: list[T]
    next: str | None = None

    def onward(self, wanted: Mapping[str, str]) -> str:
        """The query of the page after it, filtered as it is; empty: it was the last."""
        return urlencode(paged(wanted, self.next)) if self.next else ""


def paged(wanted: Mapping[str, str], after: str | None) -> Mapping[str, str]:
    """What a page of a list is asked for by: its filters, and where the page before it ended.

    >>> paged({"stage": "engaged"}, "x"), paged({}, None)
    ({'stage': 'engaged', 'after': 'x'}, {})
    """
    return {**wanted, "after": after} if after else wanted
