"""The rules with the plays as they are played at this moment: read again when one has changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.journey.domain.plays.check_play import circles
from services.journey.domain.plays.lives import Lives
from services.journey.domain.plays.play import Play, Playbook, with_html
from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.rules import Rules
from services.journey.handlers.plays.ports import Plays
from services.journey.handlers.ports import Unit
from shared import log
from shared.errors import BadSettings

RETIRED = "retired"
_log = log.get("journey.plays")


async def as_played(unit: Unit) -> Unit:
    """The unit with the rules as they are now; nobody publishes until it is over."""
    return replace(unit, rules=await now_played(unit.store.plays, unit.rules))


async def now_played(plays: Plays, rules: Rules) -> Rules:
    """The rules as they are now; what does not fit the folder of this process is in `lives.unread`."""
    generation = await plays.generation()
    if generation == rules.lives.generation:
        return rules
    newest = rules.shelf.newest
    if newest is None or newest.lives.generation != generation:
        newest = rules.shelf.newest = _made(await plays.played(), rules, generation)
    return newest


def _made(rows: Mapping[str, Any], rules: Rules, generation: int) -> Rules:
    """The rules of what is published."""
    names = frozenset(rows)
    now: dict[str, Play] = {}
    older: dict[tuple[str, int], Play] = {}
    files: dict[str, Mapping[str, str]] = {}
    unread: dict[str, str] = {}
    for name, row in rows.items():
        for version in row.versions:
            if version.version == row.version:
                if row.state != RETIRED:
                    try:
                        now[name] = _version(rules, name, version, names)
                        files[name] = version.files or {}
                    except BadSettings as error:
                        _log.error("a play waits", extra={"play": name, "why": str(error)})
                        unread[name] = str(error)
            elif row.state != RETIRED:
                kept = _older(rules, name, version, names)
                if kept is not None:
                    older[name, version.version] = kept
    messages = {
        **rules.playbook.messages,
        **{k: m for p in now.values() for k, m in p.mails.items()},
    }
    return replace(
        rules,
        playbook=replace(rules.playbook, plays=now, messages=messages, files=files),
        versions={name: rows[name].version for name in now},
        lives=Lives(generation, {name: row.state for name, row in rows.items()}, older, unread),
    )


def _version(rules: Rules, name: str, row: Any, names: frozenset[str]) -> Play:
    """A version, read once. Raises BadSettings: it fits the folder no more."""
    known = rules.shelf.read.get((name, row.version))
    if known is not None:
        return known
    if row.files is None:
        # published by a release that kept no files: the folder has it, or it could not be played
        play = rules.playbook.plays.get(name)
        if play is None:
            raise BadSettings(f"play {name}, version {row.version}: its files were not kept")
        return play
    texts = {file: text for file, text in rules.playbook.base.items() if file[:9] != "messages/"}
    stages = [stage.name for stage in rules.journey.stages]
    playbook, problems = read_playbook({**texts, **row.files}, stages, names)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise BadSettings(f"play {name}, version {row.version}, does not fit the folder:\n{listed}")
    messages = row.definition.get("messages", {})
    html = {named: said["html"] for named, said in messages.items()}
    play = replace(with_html(playbook, html).plays[name], moved=row.moved)
    rules.shelf.read[name, row.version] = play
    return play


def _older(rules: Rules, name: str, row: Any, names: frozenset[str]) -> Play | None:
    """An earlier version; None: its runs go on with the newest, as it cannot be read any more."""
    try:
        return None if row.files is None else _version(rules, name, row, names)
    except BadSettings:
        return None


def turns(playbook: Playbook, play: Play) -> list[str]:
    """How plays would start each other without end, were this one played."""
    return [" -> ".join(way) for way in circles({**playbook.plays, play.name: play})]
