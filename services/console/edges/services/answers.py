"""What answers of the other services have in common."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Generic, TypeVar

import msgspec

from shared.web.client.answered import Answer, Refused

T = TypeVar("T")
FILE_S = 60.0  # to hand in a file: 100,000 lines are read before the answer
MANY = 200  # items of a page: as many as services give
NOBODY = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})  # none can be called so


class Found(msgspec.Struct, Generic[T], frozen=True):
    """A page of a list; `next` is where the following one begins, None: it was the last."""

    items: list[T]
    next: str | None = None


async def or_none(asked: Awaitable[Answer], kind: type[T]) -> T | None:
    """The answer as `kind`; None: there is nothing of this id. Raises: Refused, Away."""
    try:
        return (await asked).read(kind)
    except Refused as error:
        if error.status in NOBODY:
            return None
        raise
