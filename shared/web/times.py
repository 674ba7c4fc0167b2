"""Times at the HTTP edge: RFC 3339 with a zone in, UTC with `Z` out."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer

from shared.events.codec import rfc3339


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises: ValueError: the zone takes it out of the years a computer can count.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 in UTC") from error


def _spelt_out(value: object) -> object:
    """Pydantic would read a number, or a number in text, as seconds since 1970.

    Raises: ValueError: it is no text with a `T` in it.
    """
    if isinstance(value, datetime) or (isinstance(value, str) and "T" in value.upper()):
        return value
    raise ValueError("a time, e.g. 2026-03-01T07:12:30Z")


def _written(moment: datetime) -> str:
    return rfc3339(moment.astimezone(UTC))


Time = Annotated[
    AwareDatetime,
    BeforeValidator(_spelt_out),
    AfterValidator(in_utc),
    PlainSerializer(_written, return_type=str, when_used="json"),
]
"""A field type for models: a naive time is refused, any zone is read, UTC is written."""
