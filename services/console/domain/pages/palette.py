"""What a palette finds: pages and things that a few typed letters lead to, the best first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of the palette.

    Attributes:
        kind: what it is, a word of the catalogue: page, customer, device, ticket.
        says: its name.
        more: what else tells it apart.
    """

    kind: str
    says: str
    address: str
    more: str = ""


def matching(hits: Iterable[Hit], text: str) -> Sequence[Hit]:
    """Those whose words begin with the typed ones; whatever begins with all of it comes first.

    >>> [each.says for each in matching([Hit("page", "At risk", "/r"), Hit("page", "Risky", "/s")], "risk")]
    ['Risky', 'At risk']
    """
    typed = text.lower().split()
    suited = [
        hit
        for hit in hits
        if all(any(word.startswith(start) for word in hit.says.lower().split()) for start in typed)
    ]
    return sorted(suited, key=lambda hit: not hit.says.lower().startswith(text.lower()))
