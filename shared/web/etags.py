"""ETags: whoever changes something says which state they have read, and the second of two is told.

Where a thing counts its changes the ETag is that number, elsewhere a hash of what is shown. Without
`If-Match` a change is made whatever the state is (RFC 9110, 13.1.1). A proxy that compresses makes a
tag weak, or adds the coding to it: it is still the state that was read, so it counts as that.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Annotated, Final, TypeVar

from fastapi import Depends, Header, Request

from shared.web.problems import Problem

# opaque-tag of RFC 9110, 8.8.3; the possessive signs keep it linear whatever is sent
_TAG: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*+)"')
_LIST: Final = re.compile(rf"[ \t,]*+(?:{_TAG.pattern}[ \t]*+(?:,[ \t,]*+|$))*+")
T = TypeVar("T")
_CODED: Final = re.compile(r"[-;]{1,2}(?:gzip|br|zstd|deflate)$")


def of_version(version: int) -> str:
    """The ETag of what counts its changes."""
    return f'"{version}"'


def of_text(shown: str) -> str:
    """The ETag of what has this one form in text."""
    return f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'


def named(if_match: str) -> frozenset[str]:
    """The tags of a list, without what a proxy made of them.

    >>> sorted(named('W/"7", "8-gzip", "9"'))
    ['7', '8', '9']
    """
    return frozenset(_CODED.sub("", tag) for tag in _TAG.findall(if_match))


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """The versions an `If-Match` names; None: any. What is no number fits no version."""
    if if_match is None or if_match == "*":
        return None
    # as we write them: no sign, no zero in front, no digits of other scripts
    return frozenset(int(tag) for tag in named(if_match) if re.fullmatch(r"0|[1-9][0-9]{0,8}", tag))


def check(if_match: str | None, present: str | None) -> None:
    """Go on only if the caller has read the present state. Raises Problem 412.

    Args:
        present: ETag of what there is, held until the change is committed; None: there is nothing.
    """
    if if_match is None or (if_match == "*" and present is not None):
        return
    if present is not None and present.strip('"') in named(if_match):
        return
    raise Problem(
        412, "changed_since", "It is not as you have read it", "Read it again, then decide."
    )


def unchanged(if_match: str | None, tag: Callable[[T], str]) -> Callable[[T | None], None]:
    """For a handler to call with what there is, None for nothing: it raises as `check` does.

    Args:
        tag: the ETag of it.
    """
    return lambda present: check(if_match, None if present is None else tag(present))


async def _if_match(
    request: Request,
    if_match: Annotated[
        str | None,
        Header(
            description="The ETag that was read, or several: 412 when none is the present one. "
            "Left out: any.",
        ),
    ] = None,
) -> str | None:
    if if_match is None:
        return None
    together = ", ".join(request.headers.getlist("if-match")).strip(" \t")  # one list in many lines
    if together == "*" or _LIST.fullmatch(together):
        return together
    wrong = {"field": "header.if-match", "given": "text", "expected": 'ETags, e.g. "7"'}
    title = "The request is not as it should be"
    raise Problem(422, "invalid_request", title, 'If-Match takes ETags, e.g. "7"', errors=[wrong])


IfMatch = Annotated[str | None, Depends(_if_match)]
"""Write it as `if_match: IfMatch = None`."""
