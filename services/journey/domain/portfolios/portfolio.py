"""Which CSM looks after a customer, and how a whole portfolio changes hands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST = 5_000  # customers that are named one by one in one request


@dataclass(frozen=True, slots=True)
class Handed:
    """One customer who got another CSM.

    Attributes:
        had, got: subjects of accounts; None: nobody.
    """

    customer: str
    had: str | None
    got: str | None


def hand_over(customers: Iterable[str], present: Mapping[str, str], to: str | None) -> list[Handed]:
    """Who of these gets another CSM, in order of their ids.

    >>> hand_over(["c-2", "c-1"], {"c-1": "account:ann"}, "account:ann")
    [Handed(customer='c-2', had=None, got='account:ann')]
    """
    return [
        Handed(customer, present.get(customer), to)
        for customer in sorted(set(customers))
        if present.get(customer) != to
    ]


def undo(done: Iterable[Handed], present: Mapping[str, str]) -> list[Handed]:
    """Who goes back: all whom nobody has handed on since."""
    return [
        Handed(move.customer, move.got, move.had)
        for move in done
        if present.get(move.customer) == move.got
    ]
