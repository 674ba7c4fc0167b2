"""What a password must be: long and not guessed first. No rules about kinds of characters.

Source: NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 section 6.2; its form: RFC 8265 section 4.2.
"""

import unicodedata

from services.console.domain.accounts.guessed_first import GUESSED_FIRST

SHORTEST = 12
LONGEST = 256  # argon2 takes more; a request that large is no password
_SPELT = str.maketrans("@$0135!", "asoles" + "i")


def prepared(password: str) -> str:
    r"""A password as it is hashed, whatever keyboard it was typed on: composed, one kind of blank.

    >>> prepared("ein scho\u0308nes\u00a0Wort") == "ein sch\u00f6nes Wort"
    True
    """
    blanks = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", blanks)


def forms(password: str) -> tuple[str, ...]:
    """As what a password is checked: prepared, then as hashes from before that was done may hold it.

    >>> forms("correct horse battery")
    ('correct horse battery',)
    """
    first = prepared(password)
    return tuple(dict.fromkeys((first, password, unicodedata.normalize("NFD", first))))


def complaint(password: str, email: str) -> str | None:
    """Why a password is not taken; None when it is.

    >>> complaint("correct horse battery", "ann@example.org") is None
    True
    >>> complaint("Password1234", "ann@example.org")
    'it is among the first that are guessed'
    """
    password = prepared(password)
    if len(password) < SHORTEST:
        return f"it needs {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"it may have {LONGEST} characters at the most"
    plain = password.casefold()
    if plain in {email, email.partition("@")[0]} or plain.replace(" ", "") == email:
        return "it is your e-mail address"
    if len(set(plain)) < 5:
        return "it repeats a few characters"
    stem = _stem(plain)
    if not GUESSED_FIRST.isdisjoint({plain, stem, stem.translate(_SPELT)}):
        return "it is among the first that are guessed"
    return None


def _stem(plain: str) -> str:
    """Without what people add to reach a length: digits and marks at both ends, repetition."""
    stem = plain.strip("0123456789!?.,-_*#+@$%& ") or plain.strip(" ")
    for parts in (4, 3, 2):
        size, rest = divmod(len(stem), parts)
        if size > 2 and rest == 0 and stem == stem[:size] * parts:
            return stem[:size]
    return stem
