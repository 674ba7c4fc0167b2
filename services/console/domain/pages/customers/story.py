"""What happened with a customer, told by several services, in one order and by pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

PAGE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened.

    Attributes:
        what: key of its sentence.
        values: of the sentence.
        to: where it leads; empty: nowhere.
        because: what caused it, in words; empty: it says so itself.
    """

    at: datetime
    sign: str
    what: str
    values: Mapping[str, str] = field(default_factory=dict)
    tone: str = ""
    to: str = ""
    because: str = ""


def page(
    told: Iterable[Told], before: datetime | None, whole_from: datetime | None
) -> tuple[Sequence[Told], datetime | None]:
    """The newest of what was told before a moment, and from when on the next page goes.

    Args:
        whole_from: one of those who told has more before this moment, that was not asked for.

    >>> at = datetime(2026, 1, 1)
    >>> page([Told(at, "user", "x")], None, None)[1] is None
    True
    """
    known = sorted(
        (
            act
            for act in told
            if (before is None or act.at < before) and (whole_from is None or act.at >= whole_from)
        ),
        key=lambda act: act.at,
        reverse=True,
    )
    shown = known[:PAGE]
    if len(known) > PAGE:
        return shown, shown[-1].at
    return shown, whole_from
