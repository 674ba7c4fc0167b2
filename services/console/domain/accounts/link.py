"""Links that are good once: the first admin's, invitations, resets, a sign-in half done."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["admin", "invitation", "reset", "half", "entry"]


@dataclass(frozen=True, slots=True)
class Link:
    """One link; its secret is known to its receiver only.

    Attributes:
        account: whose; None for the first admin, who has none yet.
    """

    digest: str = field(repr=False)
    kind: Kind
    account: str | None
    created_at: datetime
    expires_at: datetime


def address(url: str, secret: str, *, first: bool = False) -> str:
    """What the receiver opens. The secret stands behind `#`: browsers send it to no server.

    Args:
        first: it is the first admin's, who is asked for name and address too.
    """
    return f"{url}/welcome{'?first' if first else ''}#{secret}"
