"""E-mail addresses: narrow on purpose, because they end in mail headers and name people."""

import re

LONGEST = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


def email(text: str) -> str:
    """The one form in which we keep an address.

    >>> email("Ann@Example.org")
    'ann@example.org'

    Raises: ValueError: no address, or one that we do not take (quoted, not ASCII, too long).
    """
    plain = text.lower()
    local, at, domain = plain.partition("@")
    labels = domain.split(".")
    good = (
        at
        and plain.isascii()
        and len(plain) <= LONGEST
        and len(local) <= LONGEST_LOCAL
        and _LOCAL.fullmatch(local)
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
    )
    if not good:
        raise ValueError("an e-mail address in ASCII (other domains in their xn-- form)")
    return plain
