"""An outsourced support organisation, and what it may be shown of a ticket's history."""

import msgspec

from services.support.domain.progress import Entry
from shared import ids

FACTS = frozenset({"effect", "why", "severity", "firmware", "resolution"})
"""What of a line's detail concerns the device alone; nothing else of it leaves the house."""
ALWAYS_SHOWN = frozenset({"fault", "recovered", "flapping", "calm", "resolved", "reopened"})
TAIL = 4  # characters of a serial that are enough to tell devices on a desk apart


class Organisation(msgspec.Struct, frozen=True):
    """A partner.

    Attributes:
        active: an inactive one is shown nothing, from the moment it is made so.
        version: rises by one per change.
    """

    id: str
    name: str
    active: bool = True
    version: int = 1


def tail(serial: str) -> str:
    """The end of a serial, never all of it.

    >>> tail("cam-2024-000187"), tail("cam-1")
    ('…187', '…1')
    """
    return "…" + serial[-min(TAIL, max(1, len(serial) // 4)) :]


def reference(organisation: str, customer: str) -> str:
    """A name for a customer that means something to one organisation only.

    The same customer has another one at every partner: lists of two partners cannot be joined.
    """
    return ids.derived("support", f"organisation:{organisation}", f"customer:{customer}")


def is_shown(entry: Entry, organisation: str) -> bool:
    """Whether a line is a partner's to see: the device's, its own people's, and what is marked."""
    if entry.what in ALWAYS_SHOWN:
        return True
    if entry.what != "commented":
        return False
    return is_own(entry, organisation) or entry.detail.get("audience") == "shared"


def is_own(entry: Entry, organisation: str) -> bool:
    """Whether somebody of the organisation wrote the line."""
    return entry.detail.get("organisation") == organisation
