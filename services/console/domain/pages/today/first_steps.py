"""The first steps of an empty installation, ticked off by what there is and by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FirstSteps:
    """What there is.

    Attributes:
        devices: registered; heard: of these, heard at least once.
        waiting: some of those registered that have told nothing yet, by id.
        people: whether anybody beside who looks has an account.
    """

    devices: int
    heard: int
    customers: int
    people: bool
    waiting: Sequence[str] = ()

    @property
    def done(self) -> bool:
        """Nothing is left of them."""
        return self.heard > 0 and self.customers > 0 and self.people

    @property
    def is_empty(self) -> bool:
        """Nobody has begun to work here: there is nothing else to be seen."""
        return self.heard == 0 and self.customers == 0
