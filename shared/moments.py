"""The one reader of times in text: what MQTT takes, CSV and HTTP take, and no more."""

from datetime import UTC, datetime

import msgspec

EXPECTED = "a time with its zone, e.g. 2026-03-01T07:12:30Z"


def read(text: str) -> datetime:
    """A moment of RFC 3339, in UTC; `T` and `Z` in either case, as payloads of devices have it.

    Raises: ValueError: it is none, has no zone, or its zone takes it out of the years 1 to 9999.

    >>> read("2026-03-01t10:00:00.5+02:00").isoformat()
    '2026-03-01T08:00:00.500000+00:00'
    """
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise ValueError(EXPECTED) from error
    if moment.tzinfo is None:
        raise ValueError(EXPECTED)
    return in_utc(moment)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises: ValueError: the zone takes it out of the years a computer can count.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time between the years 1 and 9999 in UTC") from error
