"""Times at the HTTP edge: RFC 3339 with a zone in, UTC with `Z` out."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, PlainSerializer

from shared import moments
from shared.events.codec import rfc3339


def _read(value: object) -> datetime:
    """By the reader of every door; pydantic would take numbers, and more forms of text.

    Raises: ValueError: it is no time.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return moments.in_utc(value)
    if isinstance(value, str):
        return moments.read(value)
    raise ValueError(moments.EXPECTED)


def _written(moment: datetime) -> str:
    return rfc3339(moments.in_utc(moment))


Time = Annotated[
    AwareDatetime,
    BeforeValidator(_read),
    PlainSerializer(_written, return_type=str, when_used="json"),
]
"""A field type for models: a naive time is refused, any zone is read, UTC is written."""
