"""The one normal form of texts that identify something or that people read, at every door."""

import re
import unicodedata

# control, format (bidi overrides, zero width), lone surrogates, private use, unassigned; line breaks
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"  # between letters of Persian and Indic names, and in emoji
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def normal(text: str) -> str:
    r"""Composed letters (NFC), no blanks around, one blank of one kind between words.

    >>> normal("  Geha\u0308use \u00a0 2 ") == "Geh\u00e4use 2"
    True
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join(unicodedata.normalize("NFC", text).split())


def unseen(text: str, *, joiners: bool = False) -> str | None:
    r"""The first character that nobody sees and that a terminal or a comparison would mind, named.

    Args:
        joiners: let those pass that some scripts need between letters; never in what identifies.

    >>> unseen("Ann\u202e"), unseen("Ann\u009b"), unseen("Ann \u00d6"), unseen("a\u200db", joiners=True)
    ('U+202E', 'U+009B', None, None)
    """
    if text.isascii() and text.isprintable():
        return None
    for letter in text:
        if unicodedata.category(letter) in _UNSEEN and not (joiners and letter in _JOINERS):
            return f"U+{ord(letter):04X}"
    return None


def storable(text: str) -> str:
    r"""The text with a mark in place of what neither UTF-8 nor PostgreSQL can hold.

    >>> storable("a\x00b\ud800") == "a\ufffdb\ufffd"
    True
    """
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)
