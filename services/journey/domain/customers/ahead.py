"""What billing may say of the future: what lies further ahead is a year mistyped."""

from datetime import datetime, timedelta
from typing import Final

AHEAD: Final = timedelta(days=400)  # a term and what is ordered before it
EXPECTED: Final = f"a time up to {AHEAD.days} days ahead"


def is_too_far(at: datetime, now: datetime) -> bool:
    """Whether `at` lies further ahead than anything is planned."""
    return at > now + AHEAD
