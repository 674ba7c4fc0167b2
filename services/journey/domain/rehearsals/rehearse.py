"""A batch of customers lives through a play once more, and through the version it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.journey.domain.rehearsals.life import Played
from services.journey.domain.rehearsals.live import live
from services.journey.domain.rehearsals.past import Past
from services.journey.domain.rehearsals.sums import Sums


@dataclass(slots=True)
class Rehearsal:
    """A rehearsal as far as it has come.

    Attributes:
        published: what is played now, if that is another one.
    """

    played: Played
    published: Played | None = None
    sums: Sums = field(default_factory=Sums)
    before: Sums = field(default_factory=Sums)

    def take(self, pasts: Sequence[Past]) -> None:
        """These customers, in this order."""
        for past in pasts:
            self.sums.add(live(past, self.played))
            if self.published is not None:
                self.before.add(live(past, self.published))
