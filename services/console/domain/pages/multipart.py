r"""The parts of a form with a file in it (RFC 7578).

>>> head = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nt\r\n'
>>> file = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid\r\n1\r\n'
>>> parts(head + file + b"--x--\r\n", "multipart/form-data; boundary=x")
{'csrf': b't', 'file': b'id\r\n1'}
"""

import re
from collections.abc import Mapping

_NAME = re.compile(rb'form-data;(?:[^\r\n]*;)?\s*name="([^"\r\n]*)"', re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})"?\s*(?:;|$)', re.IGNORECASE)
MOST = 20  # parts; a form of ours has three


def parts(body: bytes, content_type: str) -> Mapping[str, bytes]:
    """What each part holds, by its name; of one that comes twice the last counts.

    Raises: ValueError: it is no such form.
    """
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError("no boundary")
    line = b"\r\n--" + boundary[1].rstrip().encode("ascii")
    before, *pieces = (b"\r\n" + body).split(line, MOST + 1)
    if before.strip() or len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("not closed")
    held = {}
    for piece in pieces[:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is None:
            raise ValueError("a part without a name")
        held[name[1].decode("utf-8")] = content
    return held
