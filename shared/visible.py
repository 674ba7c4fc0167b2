"""Text as a terminal may show it: what it would obey instead is written out.

A name with an escape sequence in it could rewrite a screen; one with a mark for writing from right to
left could show another address than it holds.
"""

import re
from typing import Final

# controls (C0, DEL, C1), line separators, marks that steer direction, joiners, halves of surrogates
_OBEYED: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def escaped(text: str) -> str:
    r"""The text with `\uXXXX` in place of whatever a terminal would obey; also right within JSON.

    >>> escaped("Ann\x1b[2J\u202e")
    'Ann\\u001b[2J\\u202e'
    """
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
