"""JSON read with its rules kept: no NaN, no field twice, no half characters, numbers of any length.

msgspec stops at the first number that no float holds, Python's reader is too kind: what passes here
can be encoded, compared and stored.
"""

import json
import math
import re
from typing import Any

import msgspec

MAX_DIGITS = 20  # a longer number is outside of every range we have
MAX_WITHIN = 8_000  # arrays and objects: half a megabyte when read
MAX_DEPTH = 200  # deeper is for the reader to refuse
MAX_NAME = 64  # characters of a field's name that are told

_HALF = re.compile(r"\\u[dD][89a-fA-F]")  # may be half of a character: a surrogate
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_BLANK = re.compile(r"[ \t\n\r]*")
# a text, whatever stands in it, or a sign that parts or nests
_SIGNS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[\]{},]', re.DOTALL)
_OPEN, _CLOSE, _COMMA = frozenset(b"[{"), frozenset(b"]}"), ord(",")


class NotJsonError(ValueError):
    """Why it is no JSON, as a reject reason."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def is_too_much(raw: bytes, most: int, within_most: int = MAX_WITHIN) -> bool:
    """Whether JSON has more parts than `most`, or holds so many arrays and objects: before it is read.

    What nests without end is left to the reader, which gives up early.

    >>> [is_too_much(raw, 2) for raw in (b"[1,2]", b"[1,2,3]", b'{"a":[1,2,3],"b":",,"}')]
    [False, True, False]
    """
    if raw.count(b",") < min(most, within_most):
        return False
    depth = commas = within = 0
    for sign in (raw[match.start()] for match in _SIGNS.finditer(raw)):
        if sign == _COMMA:
            commas += depth == 1
        else:
            depth += (sign in _OPEN) - (sign in _CLOSE)
            within += sign in _CLOSE
        if commas >= most or within > within_most or depth > MAX_DEPTH:
            return depth <= MAX_DEPTH
    return False


def load(raw: bytes) -> Any:
    """The value of some bytes. Raises: NotJsonError."""
    try:
        text = raw.decode()
        decoded = _STRICT.decode(text)
        if _HALF.search(text) is not None:
            json.dumps(decoded, ensure_ascii=False).encode()
    except NotJsonError:
        raise
    except RecursionError:
        raise NotJsonError("too_deep") from None
    except UnicodeDecodeError:
        raise NotJsonError("not_utf8") from None
    except ValueError:  # a lone surrogate too
        raise NotJsonError("malformed_json") from None
    return decoded


def split(payload: bytes, most: int) -> list[bytes]:
    """The bytes of each element of an array, whatever is wrong inside of one; not more than `most`.

    Raises: NotJsonError: there are no elements to tell apart, or too many.
    """
    if is_too_much(payload, most, len(payload)):
        raise NotJsonError("too_many_elements")
    try:
        return [bytes(raw) for raw in _raws.decode(payload)]
    except RecursionError:
        raise NotJsonError("too_deep") from None
    except msgspec.DecodeError:  # what msgspec does not read at all may still be told apart
        return _split(payload.decode(), most)


def _split(text: str, most: int) -> list[bytes]:
    texts: list[bytes] = []
    at = _skip(text, _skip(text, 0) + 1)
    if text[at : at + 1] == "]":
        return _nothing_behind(text, at, texts)
    while True:
        try:
            _, end = _LENIENT.raw_decode(text, at)
        except RecursionError:
            raise NotJsonError("too_deep") from None
        except ValueError:
            raise NotJsonError("malformed_json") from None
        texts.append(text[at:end].encode())
        if len(texts) > most:
            raise NotJsonError("too_many_elements")
        at = _skip(text, end)
        if text[at : at + 1] == "]":
            return _nothing_behind(text, at, texts)
        if text[at : at + 1] != ",":
            raise NotJsonError("malformed_json")
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return at if blank is None else blank.end()


def _nothing_behind(text: str, at: int, texts: list[bytes]) -> list[bytes]:
    if _skip(text, at + 1) != len(text):
        raise NotJsonError("malformed_json")
    return texts


def _int(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _no_constant(_: str) -> float:
    raise NotJsonError("not_a_number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    by_key = dict(pairs)
    if len(by_key) == len(pairs):
        return by_key
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise NotJsonError("duplicate_key", name[:MAX_NAME])
        seen.add(name)
    return by_key


_STRICT = json.JSONDecoder(object_pairs_hook=_once, parse_int=_int, parse_constant=_no_constant)
_LENIENT = json.JSONDecoder(parse_int=_int)
