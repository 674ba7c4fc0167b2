"""Codes and secrets as people paste them: out of mails, chats, tables and telephones.

What such a journey adds is not seen on a screen: blanks of every kind, line ends, marks without width,
the dash that a text program made of a hyphen, digits of another width or script. None of it is part of
what we drew, so none of it is compared.
"""

import unicodedata

_DASHES = frozenset(
    "\u02d7\u2043\u2212\u2796\u30fc\u2500"
)  # look like one, Unicode calls them otherwise
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters without a look


def code(text: str) -> str:
    r"""A code of letters and digits as it is compared: nothing else, small, digits of ASCII.

    >>> code("ABCD-efgh\u00a0ijkl\u2013mnop\n")
    'abcdefghijklmnop'
    >>> code("\uff11\uff12\uff13\u2009456"), code("\u0661\u0662\u0663456")
    ('123456', '123456')
    """
    plain = unicodedata.normalize("NFKC", "".join(c for c in text if not _is_between(c)))
    return "".join(_digit(c) for c in plain if not _is_between(c)).lower()


def secret(text: str) -> str:
    r"""A secret of ours as it is compared: hyphens are part of it, what cannot be seen is not.

    >>> secret(" pk_01234567_a-b\u200b_c\r\n")
    'pk_01234567_a-b_c'
    """
    return "".join(letter for letter in text if not is_blank(letter))


def trimmed(text: str) -> str:
    r"""Text without what cannot be seen at both ends.

    >>> trimmed("\ufeff\u00a0mike@example.org \t\n")
    'mike@example.org'
    """
    begin, end = 0, len(text)
    while begin < end and is_blank(text[begin]):
        begin += 1
    while end > begin and is_blank(text[end - 1]):
        end -= 1
    return text[begin:end]


def is_blank(letter: str) -> bool:
    """Whether a character shows nothing: blanks, tabs, line ends, marks without width."""
    return (
        letter.isspace()
        or unicodedata.category(letter) == "Cf"
        or letter in _UNSEEN
        or "\ufe00" <= letter <= "\ufe0f"  # variation selectors
        or "\U000e0100" <= letter <= "\U000e01ef"
        or "\u180b" <= letter <= "\u180f"
    )


def _is_between(letter: str) -> bool:
    return is_blank(letter) or unicodedata.category(letter) == "Pd" or letter in _DASHES


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
