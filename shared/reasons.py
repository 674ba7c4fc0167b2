"""The reason of an erasure is kept for good, so it must not say who is meant."""

from collections.abc import Iterable

SHORTEST = 3  # letters of a word that tells who is meant


def names_person(reason: str, texts: Iterable[str | None], phone: str | None = None) -> bool:
    """Whether a reason holds a word of what is known of somebody, or the end of the phone number.

    >>> ann = ("Ann Lind", "ann@example.org")
    >>> names_person("request 2026-117", ann), names_person("lind wrote us", ann)
    (False, True)
    """
    said = reason.casefold()
    digits = "".join(letter for letter in said if letter.isdigit())
    words = {word.strip(".,;").casefold() for text in texts if text for word in text.split()}
    number = "".join(letter for letter in phone or "" if letter.isdigit())
    if len(number) > SHORTEST and number[-7:] in digits:
        return True
    return any(len(word) >= SHORTEST and not word.isdigit() and word in said for word in words)
