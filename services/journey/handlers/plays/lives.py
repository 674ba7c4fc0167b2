"""A play is paused, goes on, is retired, or goes back to what it was."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.journey.domain.plays.lives import UnderWay
from services.journey.errors import FilesNotKept, PlayNotSo
from services.journey.handlers.plays.as_played import RETIRED
from services.journey.handlers.plays.drafts import Compile, Unchanged, publish_new, read_draft
from services.journey.handlers.plays.ports import PlayRow
from services.journey.handlers.ports import Unit
from shared.errors import NotFound

Ends = Literal[
    "end",  #: runs under way end as retired
    "finish",  #: they go on to their ends, and nobody enters any more
]


Clocks = Literal[
    "shift",  #: the pause does not count: what waited two days waits for the rest of them
    "run_on",  #: it counts: what is over is over, and what came to be of no use is not sent
]


async def pause(unit: Unit, play: str, why: str, unchanged: Unchanged) -> None:
    """Nobody enters; those under way wait, and what they wait for goes on. Raises NotFound, PlayNotSo."""
    row = await _held(unit, play, unchanged, ("live",))
    await _becomes(unit, play, row, "pause", "paused", why)


async def resume(unit: Unit, play: str, clocks: Clocks, unchanged: Unchanged) -> None:
    """Those under way are looked at at once. Raises NotFound, PlayNotSo."""
    row = await _held(unit, play, unchanged, ("paused",))
    await _becomes(unit, play, row, "resume", "live", None, clocks)
    if clocks == "shift":
        await unit.store.runs.shift(play, unit.now - row.changed_at)
    await unit.store.runs.go_on(play, unit.now)


async def retire(unit: Unit, play: str, ends: Ends, why: str, unchanged: Unchanged) -> None:
    """Nobody enters any more. Raises NotFound, PlayNotSo."""
    row = await _held(unit, play, unchanged, ("live", "paused", "closing"))
    if ends == "end":
        await _becomes(unit, play, row, "retire", RETIRED, why)
        await unit.store.runs.all_due([play], unit.now)
        return
    await _becomes(unit, play, row, "retire", "closing", why)
    if row.state == "paused":
        await unit.store.runs.go_on(play, unit.now)


async def roll_back(
    unit: Unit, play: str, to: int, under_way: UnderWay, compiled: Compile, unchanged: Unchanged
) -> int:
    """Play an earlier version again, as a new one; it was approved when it was published.

    Raises NotFound, PlayNotSo, FilesNotKept, PlaybookWrong.
    """
    row = await _held(unit, play, unchanged, ("live", "paused", "closing", RETIRED))
    version = await unit.store.plays.version(play, to)
    if version is None:
        raise NotFound("version", str(to), f"there is no version {to} of {play}")
    if version.version == row.version:
        raise PlayNotSo(play, f"at version {to}", ["at another one"])
    if version.files is None:
        raise FilesNotKept(play, to)
    read, playbook = await read_draft(unit, play, version.files, compiled)
    how = {
        "source": "rollback", "under_way": under_way, "restores": to, "authors": version.authors,
        "approved_by": version.approved_by, "published_by": unit.who.subject,
    }  # fmt: skip
    return await publish_new(unit, read, playbook, how)


async def _held(unit: Unit, play: str, unchanged: Unchanged, needs: Sequence[str]) -> PlayRow:
    row = (await unit.store.plays.hold()).get(play)
    if row is None:
        raise NotFound("play", play)
    unchanged(row)
    if row.state not in needs:
        raise PlayNotSo(play, row.state, needs)
    return row


async def _becomes(
    unit: Unit, play: str, row: PlayRow, verb: str, state: str, why: str | None,
    clocks: Clocks | None = None,
) -> None:  # fmt: skip
    written: Mapping[str, Any] = {
        "state": state, "changed_at": unit.now, "changed_by": unit.who.subject, "why": why,
    }  # fmt: skip
    await unit.store.plays.change(play, written)
    after = {"state": state} if clocks is None else {"state": state, "clocks": clocks}
    unit.audit(f"play.{verb}", "play", play, before={"state": row.state}, after=after, why=why)
