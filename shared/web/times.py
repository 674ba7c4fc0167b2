"""Times at the HTTP edge: RFC 3339 with a zone in, UTC with `Z` out."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

from shared.events.codec import rfc3339


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises: ValueError: the zone takes it out of the years a computer can count.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 in UTC") from error


def _written(moment: datetime) -> str:
    return rfc3339(moment.astimezone(UTC))


Time = Annotated[
    AwareDatetime,
    AfterValidator(in_utc),
    PlainSerializer(_written, return_type=str, when_used="json"),
]
"""A field type for models: a naive time is refused, any zone is read, UTC is written."""
