"""A play is rehearsed: batches of customers' pasts, read in one snapshot, live through it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.journey.domain.days import DAY_S, moment_of, seconds
from services.journey.domain.plays.play import Play, Playbook
from services.journey.domain.plays.reading import nearest
from services.journey.domain.rehearsals.life import Played
from services.journey.domain.rehearsals.rehearse import Rehearsal
from services.journey.domain.rules import Rules
from services.journey.domain.stages.timeline import REVISED_DAYS
from services.journey.errors import HistoryNotKept, UnknownPlay
from services.journey.handlers.plays.ports import Pasts
from services.journey.handlers.ports import Unit

AT_ONCE = 200  # customers: a second at the most, in which the connection waits


@dataclass(frozen=True, slots=True)
class Asked:
    """A rehearsal that can be begun.

    Attributes:
        playbook: with the play as it is to be; None: as it is played now.
    """

    play: str
    days: int
    playbook: Playbook | None = None


def check(asked: Asked, rules: Rules, now: datetime) -> Play:
    """The play. Raises UnknownPlay, HistoryNotKept."""
    plays = (asked.playbook or rules.playbook).plays
    if asked.play not in plays:
        raise UnknownPlay(nearest(asked.play, sorted(plays)))
    if not 1 <= asked.days <= REVISED_DAYS:
        raise HistoryNotKept(REVISED_DAYS, (now - timedelta(days=REVISED_DAYS)).date())
    return plays[asked.play]


async def begin(unit: Unit, id_: str, asked: Asked, draft: int | None = None) -> None:
    """Note that somebody begins one.

    Args:
        draft: the revision of the play's draft, if it is that.
    """
    if draft is not None:
        await unit.store.drafts.rehearsed(asked.play, draft, unit.now)
    after = {"job": id_, "days": asked.days, "unpublished": asked.playbook is not None}
    unit.audit("play.rehearsed", "play", asked.play, after=after)


def cancelled(unit: Unit, id_: str) -> None:
    """Note that somebody ends one before it is done."""
    unit.audit("rehearsal.cancelled", "rehearsal", id_)


async def rehearse(
    pasts: Pasts, asked: Asked, rules: Rules, now: datetime, told: Callable[[int], None]
) -> Rehearsal:
    """Let every customer live through it; `told` hears how many more have.

    Raises UnknownPlay, HistoryNotKept.
    """
    check(asked, rules, now)
    rehearsal = await _rehearsal(pasts, asked, rules, now)
    after, begin = "", moment_of(rehearsal.played.begin)
    while batch := await pasts.batch(after, AT_ONCE, asked.play, begin):
        # why a thread: others are served meanwhile
        await asyncio.to_thread(rehearsal.take, batch)
        told(len(batch))
        after = batch[-1].customer
    return rehearsal


async def _rehearsal(pasts: Pasts, asked: Asked, rules: Rules, now: datetime) -> Rehearsal:
    habits = await pasts.habits(asked.play)
    until = seconds(now)
    begin = until - asked.days * DAY_S
    version = rules.versions.get(asked.play, 0)

    def of(playbook: Playbook, version: int) -> Played:
        play = playbook.plays[asked.play]
        return Played(
            play, version, playbook.messages, rules.sending, begin, until, habits, playbook.teams
        )

    if asked.playbook is None:
        return Rehearsal(of(rules.playbook, version))
    published = of(rules.playbook, version) if asked.play in rules.playbook.plays else None
    return Rehearsal(of(asked.playbook, version + 1), published)
