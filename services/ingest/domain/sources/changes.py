"""Registering, claiming, moving and retiring a source: what changes, and what others are told."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.errors import AlreadyClaimed, NotClaimed, SourceRetired
from shared.errors import Exists
from shared.events import RegistryChanged

ADOPTED_AGE = timedelta(days=30)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)

Word = Literal["registered", "claimed", "moved", "retired"]


@dataclass(frozen=True, slots=True)
class Change:
    """A source after a change, and the news of it."""

    source: Source
    news: RegistryChanged


def register(wanted: Source, known: Source | None, now: datetime) -> Change | None:
    """A new source; None when the very same is registered already.

    Raises: Exists: it is registered with other values, or retired.
    """
    if known is not None:
        same = (known.kind, known.model, known.firmware, known.battery) == (
            wanted.kind, wanted.model, wanted.firmware, wanted.battery,
        )  # fmt: skip
        if same and not known.retired:
            return None
        raise Exists("source", wanted.id, f"{wanted.id} is registered already, with other values")
    return _changed(dataclasses.replace(wanted, registered_at=now), "registered", now, None)


def claim(source: Source, customer: str, now: datetime) -> Change | None:
    """Somebody owns it from now on; None when it is that customer's already.

    Raises: SourceRetired, AlreadyClaimed.
    """
    if source.retired:
        raise SourceRetired(source.id)
    if source.owner == customer:
        return None
    if source.owner is not None:
        raise AlreadyClaimed(source.id)
    return _owned(source, customer, now, "claimed")


def move(source: Source, customer: str, now: datetime) -> Change | None:
    """Another customer owns it from now on; None when it is that customer's already.

    Raises: SourceRetired, NotClaimed.
    """
    if source.retired:
        raise SourceRetired(source.id)
    if source.owner is None:
        raise NotClaimed(source.id)
    return None if source.owner == customer else _owned(source, customer, now, "moved")


def retire(source: Source, now: datetime) -> Change | None:
    """It may speak no more; None when it is retired already."""
    if source.retired:
        return None
    owner = source.owner
    ended = dataclasses.replace(source, retired=True, owners=_ended(source, now))
    return _changed(ended, "retired", now, owner)


def adopted(claimed: Source, fact: RegistryChanged) -> RegistryChanged:
    """A fact from before the claim, as the claimer's; same version: ownership does not change."""
    return RegistryChanged(
        at=fact.at,
        change="adopted",
        source=claimed.id,
        kind=claimed.kind,
        version=claimed.version,
        model=claimed.model,
        firmware=fact.firmware or claimed.firmware,
        battery=claimed.battery,
        customer=claimed.owner,
        adopted=fact.adopted,
        adopted_id=fact.adopted_id,
        platform=fact.platform,
    )


def _owned(source: Source, customer: str, now: datetime, word: Word) -> Change:
    since = now
    if source.owners:
        last = source.owners[-1]
        since = max(now, (last.until or last.since) + INSTANT)  # never back-dated
    owners = (*_ended(source, since), Ownership(customer, since))
    previous = source.owner
    return _changed(dataclasses.replace(source, owners=owners), word, since, previous)


def _ended(source: Source, at: datetime) -> tuple[Ownership, ...]:
    """The intervals with the open one closed."""
    if source.owner is None:
        return source.owners
    last = source.owners[-1]
    until = max(at, last.since)
    return (*source.owners[:-1], Ownership(last.customer, last.since, until))


def _changed(source: Source, word: Word, at: datetime, previous: str | None) -> Change:
    source = dataclasses.replace(source, version=source.version + 1)
    news = RegistryChanged(
        at=at,
        change=word,
        source=source.id,
        kind=source.kind,
        version=source.version,
        model=source.model,
        firmware=source.firmware,
        battery=source.battery,
        customer=source.owner,
        previous_customer=previous,
    )
    return Change(source, news)
