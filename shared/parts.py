"""Names of parts, models and builds: one form at every door, and nothing about people in it.

They are written into topics, keys of tickets and partners' screens (docs/decisions/0014).
"""

import functools
import re
import unicodedata

from shared.masking import mask, word
from shared.normal import normal

MAX_PART = 64  # characters

_PLAIN = re.compile(r"[A-Za-z0-9._+ -]*")
_SIGNS = frozenset(" ._+-/:#()")
_TAGS = frozenset({"[mail]", "[phone]", "[text]"})


@functools.lru_cache(maxsize=1_000)
def part(text: str) -> str:
    """The name of a part or model in its normal form: letters of any script, digits, ` ._+-/:#()`.

    Whatever else it holds, it is more than a name, and only what it was is kept.

    >>> part("Geha\u0308use "), part("lens/2"), part("of ann@example.org"), part("Ann, at home")
    ('Gehäuse', 'lens/2', '[mail]', '[text]')
    """
    name = normal(text)
    masked = mask(name)
    if masked != name:
        return "[mail]" if "[mail]" in masked else "[phone]"
    if name in _TAGS or (len(name) <= MAX_PART and all(map(_belongs, name))):
        return name
    return "[text]"


@functools.lru_cache(maxsize=1_000)
def build(text: str) -> str:
    """The version of a build: ASCII letters, digits and ` ._+-`; without a digit one plain word.

    >>> build("2.4.1-rc.1+b7"), build("nightly"), build("Ann Example"), build("call +49 170 5550142")
    ('2.4.1-rc.1+b7', 'nightly', '[text]', '[phone]')
    """
    name = part(text)
    if name in _TAGS:
        return name
    if _PLAIN.fullmatch(name) is None:
        return "[text]"
    return name if any(map(str.isdigit, name)) else word(name)


def _belongs(letter: str) -> bool:
    return letter.isalnum() or letter in _SIGNS or unicodedata.category(letter) in {"Mn", "Mc"}
