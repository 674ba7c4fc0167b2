"""E-mail addresses: narrow on purpose, because they end in mail headers and name people."""

import re

from shared import pasted

LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LINE_END = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def email(text: str) -> str:
    """The one form in which we keep an address: small letters, no blanks around.

    What is not ASCII is refused before letters are made small: some of it would become ASCII.

    >>> email(" Ann@Example.org ")
    'ann@example.org'

    Raises: ValueError: no address, or one that we do not take (quoted, not ASCII, too long, with a
        line end: the doors where people paste take that off, nothing else may send one).
    """
    given = text if _LINE_END.search(text) else pasted.trimmed(text)
    plain = given.lower() if given.isascii() else ""
    local, at, domain = plain.partition("@")
    labels = domain.split(".")
    good = (
        at
        and len(plain) <= LONGEST
        and len(local) <= LONGEST_LOCAL
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
    )
    if not good:
        raise ValueError("an e-mail address in ASCII (other domains in their xn-- form)")
    return plain
