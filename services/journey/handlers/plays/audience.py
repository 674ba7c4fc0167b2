"""Whom the start of a play holds of now: customers are looked at a part at a time, nothing is written.

Of many a sample answers at once; the exact number takes as long as it takes to read all that SQL cannot rule out.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from services.journey.domain.days import seconds
from services.journey.domain.plays.audience import (
    Audience,
    Candidate,
    Member,
    matching,
    members,
    writes_mails,
)
from services.journey.domain.plays.play import Play
from services.journey.handlers.plays.holdout import would_be_held_out
from services.journey.handlers.ports import Store

AT_ONCE = 2_000  # customers: what may be of the audience of these is held at a time
SAMPLED = 5_000  # of many; fewer are looked at one by one
PARTS_A_PAGE = 25  # for a page of a list no more are looked at: it may be short, and goes on


Reads = Callable[[], AbstractAsyncContextManager[Store]]
"""Begins to read: each part on its own, so that no snapshot is held for long."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The audience of a play.

    Attributes:
        holdout: share of customers who are held out of all plays.
    """

    play: Play
    now: datetime
    holdout: float = 0.0


async def estimate(reads: Reads, asked: Asked) -> tuple[Audience, bool]:
    """How many it is of, and whether that is exact: of few it is, of many it is what a sample says."""
    async with reads() as store:
        customers = await store.audiences.customers()
    if customers <= SAMPLED:
        return await count(reads, asked), True
    audience = Audience(customers)
    async with reads() as store:
        audience.looked_at, candidates = await store.audiences.sample(
            asked.play.starts, seconds(asked.now), SAMPLED / customers
        )
    audience.take(await _members(reads, asked, candidates))
    return audience.estimated(), False


async def count(reads: Reads, asked: Asked) -> Audience:
    """How many it is of, every customer looked at."""
    audience = Audience(0)
    async for many, some, _ in parts(reads, asked):
        audience.looked_at += many
        audience.take(some)
    audience.customers = audience.looked_at
    return audience


async def listed(
    reads: Reads, asked: Asked, after: str, limit: int
) -> tuple[list[Member], str | None]:
    """The next of it by id, at most `limit`, and the id to go on after; None: that was all."""
    listed_members: list[Member] = []
    left = PARTS_A_PAGE
    async for _, some, until in parts(reads, asked, after):
        listed_members += some
        left -= 1
        if len(listed_members) > limit:
            return listed_members[:limit], listed_members[limit - 1].customer
        if not left:
            return listed_members, until
    return listed_members, None


async def parts(
    reads: Reads, asked: Asked, after: str = ""
) -> AsyncIterator[tuple[int, list[Member], str]]:
    """All customers by id: of each part how many were looked at, who of them is of it, the last id."""
    while True:
        async with reads() as store:
            many, until = await store.audiences.part(after, AT_ONCE)
            if until is None:
                return
            starts, t = asked.play.starts, seconds(asked.now)
            candidates = await store.audiences.candidates(starts, t, after, until)
        yield many, await _members(reads, asked, candidates), until
        after = until


async def _members(reads: Reads, asked: Asked, candidates: list[Candidate]) -> list[Member]:
    play, now = asked.play, seconds(asked.now)
    # why a thread: others are served meanwhile, and no connection waits for it
    held = await asyncio.to_thread(matching, play, candidates, now)
    ids = [candidate.customer for candidate in held]
    if not ids:
        return []
    async with reads() as store:
        last = {run.customer: run for run in await store.runs.newest(ids, [play.name])}
        out = await would_be_held_out(store.holdouts, ids, asked.holdout)
        unreached = await store.audiences.unreached(ids) if writes_mails(play) else set[str]()
    return members(play, held, last, now, out=out, unreached=unreached)
