"""When an erasure is told to the other services, and what a reason must not say."""

from datetime import datetime, timedelta

from services.journey.domain.customer import Profile

TELL_AGAIN = timedelta(minutes=10)  # while somebody has not answered
REMIND = timedelta(hours=24)  # afterwards: a database may have been restored
SHORTEST = 3  # letters of a word that tells who is meant


def tell_next(now: datetime, *, complete: bool) -> datetime:
    """When to tell it again."""
    return now + (REMIND if complete else TELL_AGAIN)


def names_person(reason: str, profile: Profile | None) -> bool:
    """Whether a reason says who is meant: it is kept, so it must not.

    >>> ann = Profile("Ann Lind", "ann@example.org", "+49 170 1234567")
    >>> names_person("request 2026-117", ann), names_person("lind wrote us", ann)
    (False, True)
    """
    if profile is None:
        return False
    said = reason.casefold()
    digits = "".join(letter for letter in said if letter.isdigit())
    known = [profile.name, profile.email, profile.address]
    words = {word.strip(".,;").casefold() for text in known if text for word in text.split()}
    phone = "".join(letter for letter in profile.phone or "" if letter.isdigit())
    if len(phone) > SHORTEST and phone[-7:] in digits:
        return True
    return any(len(word) >= SHORTEST and not word.isdigit() and word in said for word in words)
