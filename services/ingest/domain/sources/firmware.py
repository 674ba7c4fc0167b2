"""Which firmware a source runs: what it told, whenever that was another than before."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from services.ingest.domain.sources.source import Source

KEPT = 100  # newest changes of a source: a device that tells another one each time fills nothing

Told = tuple[str, datetime]
"""A firmware, and the moment from which a source runs it by its own word."""


def note(source: Source, said: str | None, at: datetime, *, is_update: bool) -> Told | None:
    """The change that a source has told with an event, which the source knows from now on; None: none.

    Args:
        said: the firmware, by its event.
        at: when that was.
        is_update: the event tells of the change itself, so that it also counts when it comes late.
    """
    if said is None or said == source.runs:
        return None
    if source.told is None or at > source.told[1]:
        source.told = (said, at)
        return source.told
    return (said, at) if is_update else None


def history(registered: str | None, since: datetime | None, told: Iterable[Told]) -> list[Told]:
    """What a source ran and since when, oldest first, without what changed nothing.

    Args:
        registered, since: the firmware it was registered with, and when.
        told: by time.
    """
    first = [] if registered is None or since is None else [(registered, since)]
    return list(_changes([*first, *told]))


def _changes(told: Iterable[Told]) -> Iterator[Told]:
    before: str | None = None
    for firmware, at in told:
        if firmware != before:
            yield firmware, at
        before = firmware
