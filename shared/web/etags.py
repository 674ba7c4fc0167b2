"""ETags: whoever changes something says which state they have read, and the second of two is told.

Where a thing counts its changes the ETag is that number, elsewhere a hash of what is shown. Without
`If-Match` a change is made whatever the state is (RFC 9110, 13.1.1).
"""

import hashlib
from typing import Annotated

from fastapi import Header

from shared.web.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(
        pattern=r'^(\*|"[0-9a-f]{1,64}")$',
        description="The ETag that was read: 412 when it is not the present one. Left out: any.",
    ),
]
"""Write it as `if_match: IfMatch = None`."""


def of_version(version: int) -> str:
    """The ETag of what counts its changes."""
    return f'"{version}"'


def of_text(shown: str) -> str:
    """The ETag of what has this one form in text."""
    return f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'


def version_of(if_match: str | None) -> int | None:
    """The version an `If-Match` names; None: any. What is no number fits no version."""
    if if_match in {None, "*"}:
        return None
    text = str(if_match).strip('"')
    return int(text) if text.isdigit() and len(text) < 10 else -1


def check(if_match: str | None, present: str | None) -> None:
    """Go on only if the caller has read the present state. Raises Problem 412.

    Args:
        present: ETag of what there is, held until the change is committed; None: there is nothing.
    """
    if if_match is None or (if_match == "*" and present is not None) or if_match == present:
        return
    raise Problem(
        412, "changed_since", "It is not as you have read it", "Read it again, then decide."
    )
