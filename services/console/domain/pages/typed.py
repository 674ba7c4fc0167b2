"""What people type into a form, read: numbers that JSON knows, days as the moments they begin."""

from math import isfinite


def number(text: str) -> float:
    """A number. Raises ValueError: it is none, or one that JSON has no word for.

    >>> number("4.5")
    4.5
    """
    read = float(text)
    if not isfinite(read):
        raise ValueError
    return read


def day(typed: str, was: str = "") -> str | None:
    """A day as the moment it begins in UTC; the moment it was, where that lies on this day.

    >>> day("2026-01-05"), day("2026-01-05", "2026-01-05T10:30:00Z"), day("")
    ('2026-01-05T00:00:00Z', '2026-01-05T10:30:00Z', None)
    """
    if not typed:
        return None
    return was if was.startswith(f"{typed}T") else f"{typed}T00:00:00Z"
