"""An outsourced support organisation, and what it may be shown of a ticket's history."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Literal

import msgspec

from services.support.domain.tickets.history import Entry
from shared.masking import mask

FACTS = frozenset({"effect", "why", "severity", "firmware", "resolution"})
"""What of a line's detail concerns the device alone; nothing else of it leaves the house."""
ALWAYS_SHOWN = frozenset(
    {"opened", "fault", "recovered", "flapping", "calm", "resolved", "reopened"}
)
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


Author = Literal["device", "us", "your organisation", "another organisation"]


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that looks on.

    Attributes:
        secret: of this installation; what it is called by without it cannot be computed.
    """

    organisation: str
    secret: bytes

    def reference(self, customer: str) -> str:
        """A name for a customer that means something to this organisation only.

        The same customer has another one at every partner: lists of two partners cannot be joined,
        and who knows our ids cannot look for them (HMAC, RFC 2104, in the form of a UUID).
        """
        named = f"customer\x1f{self.organisation}\x1f{customer}".encode()
        code = hmac.digest(self.secret, named, hashlib.sha256)
        return str(uuid.UUID(bytes=code[:16]))


def tail(serial: str) -> str:
    """The end of a serial, never all of it.

    >>> tail("cam-2024-000187"), tail("cam-1")
    ('…187', '…1')
    """
    return "…" + serial[-min(TAIL, max(1, len(serial) // 4)) :]


def plain(text: str) -> str:
    """What a device said of itself, for others to read: nothing of it where it names people.

    >>> plain("slot 1"), plain("Ann, call +49 170 5550142")
    ('slot 1', '[text]')
    """
    return text if mask(text) == text else "[text]"


def is_shown(entry: Entry, organisation: str) -> bool:
    """Whether a line is a partner's to see: the device's, its own people's, what we marked."""
    return entry.what in ALWAYS_SHOWN or says(entry, organisation)


def says(entry: Entry, organisation: str) -> bool:
    """Whether the words in a line are a partner's to read: its own people's, what we marked."""
    if entry.what not in ("opened", "commented"):
        return False
    ours = entry.detail.get("organisation") is None
    return is_own(entry, organisation) or (ours and entry.detail.get("audience") == "shared")


def is_own(entry: Entry, organisation: str) -> bool:
    """Whether somebody of the organisation wrote the line."""
    return entry.detail.get("organisation") == organisation


def author(entry: Entry, organisation: str) -> Author:
    """Who did it, as an organisation is told: our own people and timers alone are `us`."""
    if entry.who.startswith("device:"):
        return "device"
    if is_own(entry, organisation):
        return "your organisation"
    return "us" if entry.detail.get("organisation") is None else "another organisation"
