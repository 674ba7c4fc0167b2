"""What a play is to become: written by some, approved by somebody else, published."""

from collections.abc import Callable, Mapping
from typing import Any

from services.journey.domain.plays.lives import UnderWay
from services.journey.domain.plays.play import Play, Playbook
from services.journey.domain.plays.reading import Problem
from services.journey.errors import DraftNotSo, DraftOutdated, OwnDraft, PlaybookWrong
from services.journey.handlers.plays.as_played import as_played, turns
from services.journey.handlers.plays.publish import publish_version
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

Texts = Mapping[str, str]
Compile = Callable[[str, Texts, Playbook], tuple[Playbook, list[Problem]]]
"""Reads the files of a play with what else the playbook holds; says everything that is wrong."""
Unchanged = Callable[[Any], None]
"""Raises when what there is, is not what the caller has read."""


async def write(unit: Unit, play: str, files: Texts, unchanged: Unchanged) -> Any:
    """Write a draft; it may be wrong still. Whatever was approved is to be approved again."""
    known = await unit.store.plays.hold()
    present = await unit.store.drafts.one(play)
    unchanged(present)
    authors = set() if present is None else set(present.authors)
    await _save(unit, play, "draft.write", {
        "files": dict(files), "state": "draft", "approved_by": None, "rehearsed_at": None,
        "authors": sorted(authors | {unit.who.subject}),
        "based_on": known[play].version if play in known else 0,
        "revision": 1 if present is None else present.revision + 1,
    })  # fmt: skip
    return await unit.store.drafts.one(play)


async def drop(unit: Unit, play: str, unchanged: Unchanged) -> None:
    """Throw a draft away. Raises NotFound."""
    await unit.store.plays.hold()
    present = await held(unit, play)
    unchanged(present)
    await unit.store.drafts.drop(play)
    unit.audit("draft.drop", "play", play, before={"revision": present.revision})


async def ask(unit: Unit, play: str, compiled: Compile, unchanged: Unchanged) -> Any:
    """Ask for approval. Raises NotFound, PlaybookWrong, DraftOutdated, DraftNotSo."""
    present = await _as_it_is(unit, play, unchanged)
    if present.state != "draft":
        raise DraftNotSo(play, present.state, "change it first")
    await _read(unit, present, compiled)
    return await _becomes(unit, present, "draft.ask", "asked")


async def approve(unit: Unit, play: str, compiled: Compile, unchanged: Unchanged) -> Any:
    """Approve it. Raises NotFound, OwnDraft, PlaybookWrong, DraftOutdated, DraftNotSo."""
    present = await _as_it_is(unit, play, unchanged)
    if unit.who.subject in present.authors:
        raise OwnDraft(play)
    if present.state != "asked":
        raise DraftNotSo(play, present.state, "its authors ask for approval first")
    await _read(unit, present, compiled)
    return await _becomes(unit, present, "draft.approve", "approved", unit.who.subject)


async def send_back(unit: Unit, play: str, unchanged: Unchanged) -> Any:
    """Give it back to its authors. Raises NotFound, DraftNotSo."""
    await unit.store.plays.hold()
    present = await held(unit, play)
    unchanged(present)
    if present.state == "draft":
        raise DraftNotSo(play, present.state, "its authors have it")
    return await _becomes(unit, present, "draft.return", "draft")


async def publish_draft(
    unit: Unit, play: str, under_way: UnderWay, compiled: Compile, unchanged: Unchanged
) -> int:
    """Play what the draft says from now on; returns the version.

    Raises NotFound, PlaybookWrong, DraftOutdated, DraftNotSo.
    """
    present = await _as_it_is(unit, play, unchanged)
    if present.state != "approved":
        raise DraftNotSo(play, present.state, "somebody who did not write it approves it first")
    read, playbook = await _read(unit, present, compiled)
    how = {
        "source": "draft", "under_way": under_way, "restores": None, "authors": present.authors,
        "approved_by": present.approved_by, "published_by": unit.who.subject,
    }  # fmt: skip
    version = await publish_new(unit, read, playbook, how)
    await unit.store.drafts.drop(play)
    return version


async def publish_new(unit: Unit, play: Play, playbook: Playbook, how: Mapping[str, Any]) -> int:
    """Publish a version by a person's wish, and have the runs under way go on by it."""
    before = (await unit.store.plays.hold()).get(play.name)
    version = await publish_version(unit, play, playbook, before, how)
    await unit.store.runs.again([play.name], unit.now)
    await unit.store.runs.sweep(play.name, unit.now)
    told = {"version": version, "source": how["source"], "under_way": how["under_way"]}
    was = None if before is None else {"version": before.version, "state": before.state}
    more = {name: how[name] for name in ("restores", "approved_by") if how.get(name) is not None}
    unit.audit("play.publish", "play", play.name, before=was, after={**told, **more})
    return version


async def held(unit: Unit, play: str) -> Any:
    """The draft of a play. Raises NotFound."""
    present = await unit.store.drafts.one(play)
    if present is None:
        raise NotFound("draft", play, f"there is no draft of {play}")
    return present


async def read_draft(
    unit: Unit, play: str, files: Texts, compiled: Compile
) -> tuple[Play, Playbook]:
    """The play that files say. Raises PlaybookWrong: everything that is wrong with them."""
    rules = (await as_played(unit)).rules
    read, problems = compiled(play, files, rules.playbook)
    said = [str(problem) for problem in problems]
    if not said:
        ways = turns(rules.playbook, read.plays[play])
        said = [f"plays could start each other without end: {way}" for way in ways]
    if said:
        raise PlaybookWrong(said)
    return read.plays[play], read


async def _read(unit: Unit, present: Any, compiled: Compile) -> tuple[Play, Playbook]:
    return await read_draft(unit, present.play, present.files, compiled)


async def _as_it_is(unit: Unit, play: str, unchanged: Unchanged) -> Any:
    """The draft, while nobody else changes plays. Raises NotFound, DraftOutdated."""
    known = await unit.store.plays.hold()
    present = await held(unit, play)
    unchanged(present)
    version = known[play].version if play in known else 0
    if present.based_on != version:
        raise DraftOutdated(play, present.based_on, version)
    return present


async def _becomes(
    unit: Unit, present: Any, action: str, state: str, approved_by: str | None = None
) -> Any:
    kept = {
        name: getattr(present, name) for name in ("files", "authors", "based_on", "rehearsed_at")
    }
    changed = {"state": state, "approved_by": approved_by, "revision": present.revision + 1}
    await _save(unit, present.play, action, {**kept, **changed})
    return await unit.store.drafts.one(present.play)


async def _save(unit: Unit, play: str, action: str, written: Mapping[str, Any]) -> None:
    await unit.store.drafts.write(play, {**written, "changed_at": unit.now})
    told = {name: written[name] for name in ("state", "revision", "based_on")}
    unit.audit(action, "play", play, after=told)
