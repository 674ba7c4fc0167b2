"""Rows that somebody has marked in a list, as the list's form sends them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MARK, SAYS = "mark-", "says-"
MOST = 200  # at once


@dataclass(frozen=True, slots=True)
class Marked:
    """One ticket of them.

    Attributes:
        version: as it was shown.
        had_it: whose it was then; empty: nobody's.
        says: what the list called it.
    """

    id: str
    version: str
    had_it: str
    says: str


def marked(form: Mapping[str, str]) -> Sequence[Marked]:
    """Those that are marked, in the list's order.

    >>> marked({"mark-a": "3 account:1", "says-a": "No picture", "says-b": "Other"})
    [Marked(id='a', version='3', had_it='account:1', says='No picture')]
    """
    pieces = []
    for name, value in form.items():
        if name.startswith(MARK):
            id_ = name.removeprefix(MARK)
            version, _, had_it = value.partition(" ")
            pieces.append(Marked(id_, version, had_it, form.get(f"{SAYS}{id_}") or id_))
    return pieces[:MOST]
