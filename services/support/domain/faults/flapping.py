"""A fault that comes and goes: when to call it flapping, when to say so, when it is over."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

CYCLES = 3  # open/recover cycles within WINDOW
WINDOW = timedelta(minutes=60)
NOTE_EVERY = timedelta(hours=1)
CALM = timedelta(hours=2)  # without a change


class Flapping(msgspec.Struct, frozen=True):
    """What we remember of a key's coming and going.

    Attributes:
        recoveries: times of recoveries in the WINDOW before the newest, oldest first.
        since: when it began to flap; None: it does not.
        changed_at: its last change from faulty to well or back; only kept while flapping.
        noted_at: when the ticket's history last said so.
    """

    recoveries: tuple[datetime, ...] = ()
    since: datetime | None = None
    changed_at: datetime | None = None
    noted_at: datetime | None = None

    @property
    def calm_at(self) -> datetime | None:
        """When it stops flapping if nothing changes until then."""
        return None if self.changed_at is None else self.changed_at + CALM


NOT_FLAPPING = Flapping()


def recovered(state: Flapping, at: datetime) -> Flapping:
    """The fault went away at `at`: one cycle more."""
    recent = (*(then for then in state.recoveries if at - then <= WINDOW), at)
    if state.since is None and len(recent) < CYCLES:
        return replace(state, recoveries=recent)
    return replace(state, recoveries=recent, since=state.since or at, changed_at=at)


def returned(state: Flapping, at: datetime) -> Flapping:
    """The fault came back at `at`."""
    return state if state.since is None else replace(state, changed_at=at)


def note_due(state: Flapping, at: datetime) -> bool:
    """Whether the history may say again that it flaps."""
    if state.since is None:
        return False
    return state.noted_at is None or at - state.noted_at >= NOTE_EVERY


def noted(state: Flapping, at: datetime) -> Flapping:
    """The history said so at `at`."""
    return replace(state, noted_at=at)


def ended(state: Flapping) -> Flapping:
    """It flaps no more; its recent recoveries still count."""
    return Flapping(recoveries=state.recoveries)
