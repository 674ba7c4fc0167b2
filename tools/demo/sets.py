"""Where an id was last seen on its way: published, acked, Kafka, each service's ledger. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typing_extensions import override

from tools.fleet.ledger import Key
from tools.fleet.ranges import Ranges

Ids = Mapping[Key, Ranges]
FIRST = 10


@dataclass(frozen=True)
class Difference:
    """One id that is not everywhere it should be."""

    topic: str
    source: str
    boot: str
    seq: int
    seen: tuple[str, ...]
    missing: tuple[str, ...]

    @override
    def __str__(self) -> str:
        last = ", ".join(self.seen) or "nowhere"
        return f"{self.topic} {self.source} {self.boot}:{self.seq}  seen: {last}  not in: {', '.join(self.missing)}"


def differences(topic: str, places: Sequence[tuple[str, Ids]]) -> list[Difference]:
    """The first ten ids of a topic that some place lacks, in order of source and seq."""
    unequal: list[Difference] = []
    for key in sorted(set().union(*(ids.keys() for _, ids in places))):
        held = [(name, ids.get(key, Ranges())) for name, ids in places]
        if len({tuple(ranges.pairs()) for _, ranges in held}) == 1:
            continue
        everything = Ranges()
        for _, ranges in held:
            for first, last in ranges.pairs():
                everything.add(first, last)
        for seq in everything:
            missing = tuple(name for name, ranges in held if seq not in ranges)
            if missing:
                seen = tuple(name for name, ranges in held if seq in ranges)
                unequal.append(Difference(topic, key[0], key[2], seq, seen, missing))
            if len(unequal) == FIRST:
                return unequal
    return unequal
