"""Tickets counted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultSummary:
    """All tickets of one fault code.

    Attributes:
        open: how many of them are open.
        faults: how many faults they absorbed.
    """

    fault_code: str
    tickets: int
    open: int
    faults: int
