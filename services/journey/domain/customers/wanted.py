"""Which customers somebody wants to see in a list."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of a list; None and empty: any.

    Attributes:
        stage: `none` asks for those without one.
        ids: at most these.
        text: beginnings of words of name and mail address, or the id.
        csm: who looks after them; `none` asks for those nobody does.
        model, firmware: of one of their devices, as it is now.
    """

    stage: str | None = None
    region: str | None = None
    plan: str | None = None
    ids: Sequence[str] = ()
    text: str | None = None
    model: str | None = None
    firmware: str | None = None
    csm: str | None = None
