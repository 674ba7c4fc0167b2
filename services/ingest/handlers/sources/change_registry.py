"""Changes of the registry, many at a time: lock, decide, save, tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.domain.messages.addresses import Kind
from services.ingest.domain.sources import changes
from services.ingest.domain.sources.changes import Change
from services.ingest.domain.sources.source import Source
from services.ingest.handlers.ports import Unit
from services.ingest.handlers.sources import audited
from shared.errors import NotFound, Refusal

Decide = Callable[[Source | None], Change | None]


class NewApp(NamedTuple):
    """An app to be registered; with a customer it is claimed at once."""

    id: str
    model: str | None
    customer: str | None


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
    refused: dict[int, Refusal]


async def register(unit: Unit, wanted: Sequence[Source]) -> Outcome:
    """Register sources of one kind; what is registered already, equally, stays as it is."""
    if not wanted:
        return Outcome({}, {}, set(), {})
    known = await unit.store.registry.lock((w.id for w in wanted), seed_kind=wanted[0].kind)
    steps = [(w.id, _registering(unit, w)) for w in wanted]
    return await _apply(unit, "register", steps, known)


async def register_apps(unit: Unit, wanted: Sequence[NewApp]) -> Outcome:
    """Register, then claim those that come with a customer; the first refusal of an item counts."""
    done = await register(unit, [Source(app.id, "app", model=app.model) for app in wanted])
    places = [
        n for n, app in enumerate(wanted) if app.customer is not None and n not in done.refused
    ]
    if not places:
        return done
    claims = [(wanted[n].id, str(wanted[n].customer)) for n in places]
    claimed = await claim(unit, claims, "app")
    refused = {places[n]: error for n, error in claimed.refused.items()}
    return Outcome(
        {**claimed.before, **done.before},
        {**done.sources, **claimed.sources},
        done.changed | claimed.changed,
        {**done.refused, **refused},
    )


async def claim(unit: Unit, claims: Sequence[tuple[str, str]], kind: Kind | None = None) -> Outcome:
    """Give sources (id, customer) their first owner, and what they told before.

    Args:
        kind: sources of the other kind are not found; None: both kinds.
    """
    known = _of_kind(await unit.store.registry.lock(id_ for id_, _ in claims), kind)
    steps = [(id_, _claiming(unit, id_, customer)) for id_, customer in claims]
    return await _apply(unit, "claim", steps, known)


async def move(
    unit: Unit, id_: str, customer: str, kind: Kind, *, keep_credentials: bool = False
) -> Outcome:
    """Give a source another owner; what the former one may have read out of it ends.

    Args:
        keep_credentials: it stays in the same hands.
    """
    known = _of_kind(await unit.store.registry.lock([id_]), kind)
    step: tuple[str, Decide] = (
        id_,
        lambda source: changes.move(_registered(source, id_), customer, unit.now),
    )
    done = await _apply(unit, "move", [step], known)
    if not keep_credentials:
        await unit.store.credentials.revoke(done.changed, "another customer")
    return done


async def retire(unit: Unit, id_: str, kind: Kind) -> Outcome:
    """Take a source out of use."""
    known = _of_kind(await unit.store.registry.lock([id_]), kind)
    step: tuple[str, Decide] = (
        id_,
        lambda source: changes.retire(_registered(source, id_), unit.now),
    )
    done = await _apply(unit, "retire", [step], known)
    await unit.store.credentials.revoke(done.changed, "retired")
    return done


def begin_import(unit: Unit, kind: Kind, job: str, lines: int | None) -> None:
    """Somebody begins to hand in a file; what it does to each source is audited beside that."""
    unit.audit(f"{kind}.import", "job", job, after={"lines": lines})


def cancel_import(unit: Unit, kind: Kind, job: str) -> None:
    """Somebody ends it before it is done."""
    unit.audit(f"{kind}.import_cancel", "job", job)


def _registering(unit: Unit, wanted: Source) -> Decide:
    return lambda known: changes.register(wanted, known, unit.now)


def _claiming(unit: Unit, id_: str, customer: str) -> Decide:
    return lambda source: changes.claim(_registered(source, id_), customer, unit.now)


def _registered(source: Source | None, id_: str) -> Source:
    if source is None:
        raise NotFound("source", id_)
    return source


def _of_kind(known: dict[str, Source], kind: Kind | None) -> dict[str, Source]:
    return {i: s for i, s in known.items() if kind is None or s.kind == kind}


async def _apply(
    unit: Unit, verb: str, steps: Sequence[tuple[str, Decide]], known: dict[str, Source]
) -> Outcome:
    """Decide step by step: a second one for the same source sees what the first made of it."""
    current = dict(known)
    done: dict[str, Change] = {}
    refused: dict[int, Refusal] = {}
    for place, (id_, decide) in enumerate(steps):
        try:
            change = decide(current.get(id_))
        except Refusal as error:
            refused[place] = error
            continue
        if change is not None:
            current[id_] = change.source
            done[id_] = change
    await unit.store.registry.save(list(done.values()), unit.now)
    await _tell(unit, done)
    audited.changed(unit, verb, done, known, current)
    return Outcome(known, current, set(done), refused)


async def _tell(unit: Unit, done: dict[str, Change]) -> None:
    claimed = [id_ for id_, change in done.items() if change.news.change == "claimed"]
    facts = await unit.store.registry.take_facts(claimed) if claimed else {}
    for id_, change in done.items():
        cause = f"{id_}@{change.source.version}"
        unit.emit(change.news, key=f"d:{id_}", cause=cause, kind="registry_changed")
        young = [f for f in facts.get(id_, ()) if f.at >= unit.now - changes.ADOPTED_AGE]
        for n, fact in enumerate(young, 1):
            news = changes.adopted(change.source, fact)
            unit.emit(news, key=f"d:{id_}", cause=cause, kind="registry_changed", n=n)
