"""/v1/plays/{play}/audience: whom the start of a play holds of now, how many they are and who."""

import asyncio
from collections import Counter
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.journey.domain.plays.audience import Audience, writes_mails
from services.journey.domain.plays.reading import nearest
from services.journey.domain.rules import Rules
from services.journey.edges.api.plays.drafts import CheckBody, Name, compiled
from services.journey.edges.api.units import Read
from services.journey.edges.drafted import drafted
from services.journey.errors import PlaybookWrong, UnknownPlay
from services.journey.handlers.plays.as_played import now_played
from services.journey.handlers.plays.audience import Asked, count, estimate, listed
from shared.web.bodies import View
from shared.web.counted import Counting
from shared.web.pages import After, Limit, Page, by_id, cursor
from shared.web.times import Time

WAIT_S = 1.0  # for the exact number; whoever asks meanwhile is told what a sample says

OfDraft = Annotated[
    bool, Query(description="As the play's draft says it, in place of what is played.")
]

router = APIRouter(prefix="/v1/plays", tags=["plays"])


class AudienceOut(BaseModel):
    """Whom the start of a play holds of now, in numbers; each customer is in one of the parts."""

    play: str
    stage: str | None = Field(description="They are in this stage now.")
    happens: str | None = Field(description="An event of this fact has happened to them.")
    when: list[str] = Field(description="What holds of them besides; `any of` before alternatives.")
    at: Time = Field(description="As of when.")
    exact: bool = Field(description="False: what a sample says; ask again for the exact number.")
    customers: int = Field(description="All there are.")
    looked_at: int = Field(description="Of these; fewer were a sample.")
    holds: int = Field(description="Customers it holds of.")
    enters: int = Field(description="Of these, those of whom a run would begin.")
    compared: int = Field(description="Held out: their runs would begin, and do nothing for them.")
    ends: int = Field(description="Its goal, or what one leaves it for, is so already.")
    already_in: int = Field(description="A run of theirs goes on.")
    had_it: int = Field(description="They had it, and it is for once.")
    too_early: int = Field(description="They had it not long ago.")
    unreached: int | None = Field(
        description="Of all it holds of, those whom no mail reaches; null: it writes no mails."
    )

    @classmethod
    def of(cls, asked: Asked, audience: Audience, *, exact: bool) -> Self:
        """Shown."""
        play, starts = asked.play, asked.play.starts
        parts: Counter[str] = Counter()
        parts.update(audience.fates)
        alternatives = " or ".join(map(str, starts.when.any))
        names = ("enters", "compared", "ends", "already_in", "had_it", "too_early")
        return cls(
            play=play.name, stage=starts.stage, happens=starts.happens, at=asked.now, exact=exact,
            when=[*map(str, starts.when.all), *([f"any of {alternatives}"] if alternatives else [])],
            customers=audience.customers, looked_at=audience.looked_at, holds=parts.total(),
            unreached=audience.unreached if writes_mails(play) else None,
            **{name: parts[name] for name in names},
        )  # fmt: skip


class MemberOut(View):
    """A customer the start of a play holds of."""

    customer: str
    stage: str | None
    fate: str = Field(description="enters, compared, ends, already_in, had_it, too_early")
    unreached: bool = Field(description="No mail reaches them; false where the play writes none.")


@router.post("/audience")
async def ask_audience(read: Read, body: CheckBody) -> AudienceOut:
    """How many a play as it is being written would hold of; of many customers from a sample."""
    rules = await _rules(read)
    asked = await asyncio.to_thread(_written, rules, body, read)
    audience, exact = await estimate(read, asked)
    return AudienceOut.of(asked, audience, exact=exact)


@router.get("/{play}/audience")
async def read_audience(
    read: Read, counting: Counting, play: Name, draft: OfDraft = False
) -> AudienceOut:
    """How many it holds of: of many customers what a sample says, until they are counted.

    A count is shared by all who ask, and kept for a while: `at` says of when it is.
    """
    asked = await _asked(read, play, draft=draft)

    async def exactly() -> tuple[Asked, Audience]:
        return asked, await count(read, asked)

    key = ("audience", play, asked.play.checksum)
    counted = asyncio.ensure_future(
        counting.get(
            key, exactly, lambda answer: answer[1].fates.total(), lambda answer: answer[1].customers
        )
    )
    counted.add_done_callback(lambda task: task.cancelled() or task.exception())
    done, _ = await asyncio.wait({counted}, timeout=WAIT_S)
    if done:
        of, audience = counted.result()
        return AudienceOut.of(of, audience, exact=True)
    audience, exact = await estimate(read, asked)
    return AudienceOut.of(asked, audience, exact=exact)


@router.get("/{play}/audience/customers")
async def list_audience(
    read: Read, play: Name, draft: OfDraft = False, limit: Limit = 50, after: After = None
) -> Page[MemberOut]:
    """Who they are, by id. A page may be short where few are found among many: go on by its `next`."""
    asked = await _asked(read, play, draft=draft)
    members, until = await listed(read, asked, by_id(after) or "", limit)
    items = [MemberOut.model_validate(member) for member in members]
    return Page(items=items, next=None if until is None else cursor(until))


async def _rules(read: Read) -> Rules:
    async with read() as store:
        return await now_played(store.plays, read.rules)


async def _asked(read: Read, play: str, *, draft: bool) -> Asked:
    """What is asked. Raises UnknownPlay, NotFound: there is no draft, PlaybookWrong."""
    async with read() as store:
        rules = await now_played(store.plays, read.rules)
        row = await store.drafts.one(play) if draft else None
    if draft:
        rules = await asyncio.to_thread(drafted, rules, play, row)
    plays = rules.playbook.plays
    if play not in plays:
        raise UnknownPlay(nearest(play, sorted(plays)))
    return Asked(plays[play], read.now(), rules.sending.holdout)


def _written(rules: Rules, body: CheckBody, read: Read) -> Asked:
    """Raises PlaybookWrong: everything that is wrong with it."""
    playbook, problems = compiled(rules)(body.play, body.files, rules.playbook)
    if problems:
        raise PlaybookWrong([str(problem) for problem in problems])
    return Asked(playbook.plays[body.play], read.now(), rules.sending.holdout)
