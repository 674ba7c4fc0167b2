"""Versions of plays are published: those of the folder at a service's start, others by people."""

from collections.abc import Mapping
from typing import Any

from services.journey.domain.plays.lives import UnderWay, moved
from services.journey.domain.plays.play import Play, Playbook
from services.journey.handlers.plays.as_played import RETIRED
from services.journey.handlers.plays.ports import PlayRow
from services.journey.handlers.ports import Unit

FOLDER = "folder"
FOLLOW: UnderWay = "follow"


async def publish(unit: Unit) -> dict[str, int]:
    """Publish what has changed in the folder; returns the version of each play.

    What people have published, paused or retired since stays until the folder says something new.
    """
    playbook = unit.rules.playbook
    known = await unit.store.plays.hold()
    changed: list[str] = []
    for name, play in sorted(playbook.plays.items()):
        before = known.get(name)
        if before is not None and _stays(before, play):
            if before.checksum == play.checksum:
                await unit.store.plays.keep_files(
                    name, before.version, playbook.files.get(name, {})
                )
            continue
        how: Mapping[str, Any] = {
            "source": FOLDER,
            "under_way": FOLLOW,
            "restores": None,
            "authors": [],
        }
        await publish_version(unit, play, playbook, before, how)
        changed.append(name)
    gone = sorted(
        name
        for name, published in known.items()
        if name not in playbook.plays and published.state != RETIRED and published.source == FOLDER
    )
    for name in gone:
        head = {"state": RETIRED, "changed_at": unit.now, "changed_by": None, "why": None}
        await unit.store.plays.change(name, head)
    await unit.store.runs.all_due(gone, unit.now)
    await unit.store.runs.again(changed, unit.now)
    known = await unit.store.plays.hold()
    return {name: row.version for name, row in known.items() if row.state != RETIRED}


def _stays(before: PlayRow, play: Play) -> bool:
    """Whether the folder says nothing new of a play, and took nothing back."""
    back = before.state == RETIRED and before.changed_by is None
    return before.folder == play.checksum and not back


async def publish_version(
    unit: Unit, play: Play, playbook: Playbook, before: PlayRow | None, how: Mapping[str, Any]
) -> int:
    """Write the next version of a play; what was retired is played again, what is paused stays so.

    Args:
        how: source, under_way, restores, authors, and who approved and published it.
    """
    version = 1 if before is None else before.version + 1
    earlier = None if before is None else await unit.store.plays.version(play.name, before.version)
    state = "paused" if before is not None and before.state == "paused" else "live"
    head = {
        "version": version, "state": state, "changed_at": unit.now, "under_way": how["under_way"],
        "changed_by": how.get("published_by"), "why": None,
        "revision": 1 if before is None else before.revision + 1,
    }  # fmt: skip
    written = {
        "version": version, "checksum": play.checksum, "definition": _definition(play),
        "published_at": unit.now, "files": dict(playbook.files.get(play.name, {})),
        "moved": {} if earlier is None else moved(_steps(earlier), earlier.moved, play),
        "source": how["source"], "restores": how["restores"], "authors": how["authors"],
        "approved_by": how.get("approved_by"), "published_by": how.get("published_by"),
    }  # fmt: skip
    await unit.store.plays.publish(play.name, written, head)
    return version


def _steps(version: Any) -> list[str]:
    return [step["step"] for step in version.definition["steps"]]


def _definition(play: Play) -> Mapping[str, Any]:
    """What was published, for whoever looks later: the words of steps and messages."""
    messages = {
        name: {"subject": message.subject, "text": message.text, "html": message.html}
        for name, message in play.mails.items()
    }
    steps = [{"step": step.key, "says": step.says, "does": repr(step.does)} for step in play.steps]
    return {"says": play.says, "steps": steps, "messages": messages}
