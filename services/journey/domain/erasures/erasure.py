"""When an erasure is told to the other services, and what a reason must not say."""

from datetime import datetime, timedelta

from services.journey.domain.customers.customer import Profile
from shared import reasons

TELL_AGAIN = timedelta(minutes=10)  # while somebody has not answered
REMIND = timedelta(hours=24)  # afterwards: a database may have been restored


def tell_next(now: datetime, *, complete: bool) -> datetime:
    """When to tell it again."""
    return now + (REMIND if complete else TELL_AGAIN)


def names_person(reason: str, profile: Profile | None) -> bool:
    """Whether a reason says who is meant.

    >>> ann = Profile("Ann Lind", "ann@example.org", "+49 170 1234567")
    >>> names_person("call 49170 1234567", ann), names_person("call 2026-117", ann)
    (True, False)
    """
    if profile is None:
        return False
    return reasons.names_person(
        reason, (profile.name, profile.email, profile.address), profile.phone
    )
