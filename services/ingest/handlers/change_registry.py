"""Changes of the registry, many at a time: lock, decide, save, tell."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.ingest.domain import changes
from services.ingest.domain.addresses import Kind
from services.ingest.domain.changes import Change
from services.ingest.domain.source import Source
from services.ingest.errors import IngestError, SourceNotFound
from shared.events import RegistryChanged

Decide = Callable[[Source | None], Change | None]


class Registry(Protocol):
    """What changes need of the store."""

    async def lock(
        self, ids: Iterable[str], *, seed_kind: str | None = None
    ) -> dict[str, Source]: ...
    async def save(self, changed: Sequence[Change], now: datetime) -> None: ...
    async def take_facts(self, ids: Iterable[str]) -> dict[str, list[RegistryChanged]]: ...


class Emitter(Protocol):
    """The outbox."""

    def emit(
        self, event: RegistryChanged, *, key: str, cause: str, kind: str, n: int = 0
    ) -> str: ...


@dataclass(frozen=True)
class Outcome:
    """What became of each item.

    Attributes:
        before: as they were, by id; new ones are not in it.
        sources: as they are now, by id.
        changed: ids that did change; the others were so already.
        refused: by place in the input, counted from 0.
    """

    before: dict[str, Source]
    sources: dict[str, Source]
    changed: set[str]
    refused: dict[int, IngestError]


async def register(
    wanted: Sequence[Source], registry: Registry, emitter: Emitter, now: datetime
) -> Outcome:
    """Register sources of one kind; what is registered already, equally, stays as it is."""
    if not wanted:
        return Outcome({}, {}, set(), {})
    known = await registry.lock((w.id for w in wanted), seed_kind=wanted[0].kind)
    steps = [(w.id, _registering(w, now)) for w in wanted]
    return await _apply(steps, known, registry, emitter, now)


def _registering(wanted: Source, now: datetime) -> Decide:
    return lambda known: changes.register(wanted, known, now)


async def claim(
    claims: Sequence[tuple[str, str]],
    registry: Registry,
    emitter: Emitter,
    now: datetime,
    kind: Kind | None = None,
) -> Outcome:
    """Give sources (id, customer) their first owner, and what they told before.

    Args:
        kind: sources of the other kind are not found; None: both kinds.
    """
    known = _of_kind(await registry.lock(id_ for id_, _ in claims), kind)
    steps = [(id_, _claiming(id_, customer, now)) for id_, customer in claims]
    return await _apply(steps, known, registry, emitter, now)


def _claiming(id_: str, customer: str, now: datetime) -> Decide:
    return lambda source: changes.claim(_found(source, id_), customer, now)


def _found(source: Source | None, id_: str) -> Source:
    if source is None:
        raise SourceNotFound(id_)
    return source


async def move(
    id_: str, customer: str, kind: Kind, registry: Registry, emitter: Emitter, now: datetime
) -> Outcome:
    """Give a source another owner."""
    known = _of_kind(await registry.lock([id_]), kind)
    step: tuple[str, Decide] = (
        id_,
        lambda source: changes.move(_found(source, id_), customer, now),
    )
    return await _apply([step], known, registry, emitter, now)


async def retire(
    id_: str, kind: Kind, registry: Registry, emitter: Emitter, now: datetime
) -> Outcome:
    """Take a source out of use."""
    known = _of_kind(await registry.lock([id_]), kind)
    step: tuple[str, Decide] = (
        id_,
        lambda source: changes.retire(_found(source, id_), now),
    )
    return await _apply([step], known, registry, emitter, now)


def _of_kind(known: dict[str, Source], kind: Kind | None) -> dict[str, Source]:
    return {i: s for i, s in known.items() if kind is None or s.kind == kind}


async def _apply(
    steps: Sequence[tuple[str, Decide]],
    known: dict[str, Source],
    registry: Registry,
    emitter: Emitter,
    now: datetime,
) -> Outcome:
    """Decide step by step: a second one for the same source sees what the first made of it."""
    current = dict(known)
    done: dict[str, Change] = {}
    refused: dict[int, IngestError] = {}
    for place, (id_, decide) in enumerate(steps):
        try:
            change = decide(current.get(id_))
        except IngestError as error:
            refused[place] = error
            continue
        if change is not None:
            current[id_] = change.source
            done[id_] = change
    await registry.save(list(done.values()), now)
    await _tell(done, registry, emitter, now)
    return Outcome(known, current, set(done), refused)


async def _tell(
    done: dict[str, Change], registry: Registry, emitter: Emitter, now: datetime
) -> None:
    claimed = [id_ for id_, change in done.items() if change.news.change == "claimed"]
    facts = await registry.take_facts(claimed) if claimed else {}
    for id_, change in done.items():
        cause = f"{id_}@{change.source.version}"
        emitter.emit(change.news, key=f"d:{id_}", cause=cause, kind="registry_changed")
        young = [f for f in facts.get(id_, ()) if f.at >= now - changes.ADOPTED_AGE]
        for n, fact in enumerate(young, 1):
            news = changes.adopted(change.source, fact)
            emitter.emit(news, key=f"d:{id_}", cause=cause, kind="registry_changed", n=n)
