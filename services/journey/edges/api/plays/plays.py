"""/v1/plays: what is played and how far; /v1/customers/{id}/plays: why somebody got what they got."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.journey.domain.plays.outcome import Runs, lift
from services.journey.domain.plays.play import END, Play
from services.journey.edges.api.plays import messages
from services.journey.edges.api.plays.outcomes import LiftOut, groups
from services.journey.edges.api.units import Read
from services.journey.handlers.plays.as_played import now_played
from shared.errors import NotFound
from shared.web.bodies import View
from shared.web.counted import Counting
from shared.web.identities import KnownCustomer as Id
from shared.web.times import Time

MOST = 100  # of a customer's runs, messages, and what began none

router = APIRouter(prefix="/v1", tags=["plays"])


class StepOut(BaseModel):
    """One step of a play."""

    step: str
    says: str
    kind: str
    next: dict[str, str] = Field(description="By outcome, the step that follows; `end`: none.")
    standing: int = Field(description="Runs that stand here now.")
    sent: int = Field(description="Messages of it that were let through.")
    clicked: int = Field(description="Of these, where a person opened what they lead to.")


class PlayOut(BaseModel):
    """A play and how far it is played; those compared with count nowhere."""

    play: str
    says: str
    version: int = Field(description="0: none was published yet.")
    state: str = Field(description="live, paused, closing, retired; draft: never published.")
    why: str | None = Field(description="It was paused or retired.")
    owner: str | None = Field(description="Subject of who published it; null: the folder.")
    under_way: str = Field(description="follow: runs go on with this version; pin: with their own.")
    draft: str | None = Field(description="draft, asked, approved; null: there is none.")
    in_flight: int
    parked: int = Field(description="Runs that cannot be worked out; the next version tries again.")
    ended: dict[str, int] = Field(description="By how they ended; `reached` is the goal.")
    compared: int = Field(description="Runs of the control group.")
    steps: list[StepOut]


class PlayListed(PlayOut):
    """A play in a list."""

    lift: LiftOut | None = Field(description="null: too few, or nobody to compare with.")


class LineOut(View):
    """One line of a run's trace."""

    what: str
    step: str | None
    why: str
    version: int
    at: Time = Field(description="When it was so.")
    noted_at: Time = Field(description="When it became known.")


class RunOut(BaseModel):
    """One run of a customer, with its trace."""

    id: str
    play: str
    state: str
    step: str | None
    entered_at: Time
    due_at: Time | None
    ending: str | None
    ended_at: Time | None
    control: bool
    lines: list[LineOut]


class MessageOut(View):
    """A message, what was decided about it and why, and what became of it."""

    id: str
    run: str
    play: str
    step: str
    message: str
    channel: str = Field(description="email, app")
    to_role: str | None = Field(description="Of the contact it is for; null: the customer.")
    contact: str | None = Field(description="Whom it went to; null: the customer.")
    topic: str
    purpose: str
    planned_at: Time
    verdict: str | None = Field(description="send, defer, hold, skip; null: not asked yet")
    why: str | None
    decided_at: Time | None
    state: str | None = Field(description="Of its effect; null: more than 30 days ago.")
    seen_at: Time | None = Field(description="In the app.")
    clicked_at: Time | None = Field(description="What it leads to was opened.")
    replied_at: Time | None = Field(description="By a mail of theirs.")


class LeftOutOut(View):
    """What would have begun a run, and why it has not."""

    play: str
    why: str
    at: Time
    noted_at: Time


class CustomerPlays(BaseModel):
    """Why a customer got what they got, and why not what they did not."""

    held_out: bool = Field(description="No play does anything for them: others are compared with.")
    runs: list[RunOut]
    messages: list[MessageOut]
    left_out: list[LeftOutOut]


class CountsOut(BaseModel):
    """What plays have come to, all customers together."""

    entered: dict[str, int] = Field(description="Runs by play.")
    ended: dict[str, int] = Field(description="By play.")
    messages: dict[str, int] = Field(description="By verdict and reason, `send/nothing_against`.")
    channels: dict[str, dict[str, int]] = Field(description="Messages by channel and verdict.")
    clicked: dict[str, int] = Field(description="By channel, where what they lead to was opened.")
    replied: dict[str, int] = Field(description="By channel, those that were replied to.")
    tasks: dict[str, dict[str, int]] = Field(description="By team: open, done, late.")
    calls: dict[str, int] = Field(
        description="At agreed times: offered, booked, cancelled, held, no_show."
    )
    handoffs: dict[str, int | float | None] = Field(
        description="accepted, declined, expired, and `median_s`: half waited longer; null: none."
    )


@router.get("/plays")
async def list_plays(read: Read, counting: Counting) -> list[PlayListed]:
    """All plays by name, with how many runs stand where, how they ended, and what that comes to."""
    now = read.now()

    async def count() -> Mapping[str, Sequence[Runs]]:
        async with read() as store:
            return await store.outcomes.by_play(now)

    outcomes = await counting.get(
        "outcomes", count, lambda plays: sum(row.runs for rows in plays.values() for row in rows)
    )
    lifts = {play: LiftOut.of(lift(*groups(rows))) for play, rows in outcomes.items()}
    async with read() as store:
        plays, counted = await store.plays.listed(), await store.plays.counts()
        drafts = {row.play: row for row in await store.drafts.listed()}
        rules = await now_played(store.plays, read.rules)
    sent = await messages.counted(read, counting)
    shown = [
        shown_play(row, rules.playbook.plays.get(row.name), counted, drafts.get(row.name), sent)
        for row in plays
    ]
    known = {row.name for row in plays}
    plays_there = [*shown, *(drafted(row) for name, row in drafts.items() if name not in known)]
    return [PlayListed(**play.model_dump(), lift=lifts.get(play.play)) for play in plays_there]


@router.get("/plays/counts")
async def count_plays(read: Read) -> CountsOut:
    """Runs, messages and tasks in numbers."""
    async with read() as store:
        counted = await store.plays.counts()
        said = await store.messages.counts()
        tasks = await store.tasks.counts(read.now())
        handed = await store.hand_offs.totals()
        calls = await store.calls.counts()
    entered: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for row in counted:
        entered[row.play] += row.runs
        ended[row.play] += row.runs if row.state == "ended" else 0
    return CountsOut(
        entered=entered,
        ended=ended,
        messages=_summed((f"{row.verdict}/{row.why}", row.messages) for row in said),
        channels={
            way: _summed((row.verdict, row.messages) for row in said if row.channel == way)
            for way in sorted({row.channel for row in said})
        },
        clicked=_summed((row.channel, row.clicked) for row in said),
        replied=_summed((row.channel, row.replied) for row in said),
        tasks={row.team: {"open": row.open, "done": row.done, "late": row.late} for row in tasks},
        calls=calls,
        handoffs=handed,
    )


@router.get("/customers/{id}/plays")
async def read_customer_plays(read: Read, id_: Id) -> CustomerPlays:
    """Why did, or did not, this customer get this: runs with traces, messages with verdicts."""
    async with read() as store:
        if not await store.runs.exists(id_):
            raise NotFound("customer", id_)
        runs = await store.runs.of_customer(id_, MOST)
        traces = await store.runs.traces(run.id for run in runs)
        messages = await store.messages.of_customer(id_, MOST)
        left_out = await store.runs.not_entered(id_, MOST)
        held_out = await store.holdouts.of([id_])
    names = [name for name in RunOut.model_fields if name != "lines"]
    return CustomerPlays(
        held_out=held_out.get(id_, False),
        runs=[
            RunOut(
                **{name: getattr(run, name) for name in names},
                lines=[LineOut.model_validate(line) for line in traces.get(run.id, [])],
            )
            for run in runs
        ],
        messages=[MessageOut.model_validate(message) for message in messages],
        left_out=[LeftOutOut.model_validate(run_left_out) for run_left_out in left_out],
    )


def _summed(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for word, many in parts:
        total[word] += many
    return total


def drafted(row: Any) -> PlayOut:
    """A play that was never published."""
    return PlayOut(
        play=row.play, says="", version=0, state="draft", why=None, owner=None, under_way="follow",
        draft=row.state, in_flight=0, parked=0, ended={}, compared=0, steps=[],
    )  # fmt: skip


def shown_play(
    row: Any, play: Play | None, counted: Any, draft: Any | None, sent: Sequence[Any]
) -> PlayOut:
    """A play and how far it is played.

    Args:
        sent: messages that were let through, by play and step.
    """
    of_it = [count for count in counted if count.play == row.name]
    played = [count for count in of_it if not count.control]
    standing: Counter[str | None] = Counter()
    ended: Counter[str] = Counter()
    for count in played:
        if count.state == "active":
            standing[count.step] += count.runs
        elif count.state == "ended":
            ended[count.ending] += count.runs
    return PlayOut(
        play=row.name,
        says="" if play is None else play.says,
        version=row.version,
        state=row.state,
        why=row.why,
        owner=row.published_by,
        under_way=row.under_way,
        draft=None if draft is None else draft.state,
        in_flight=standing.total(),
        parked=sum(count.runs for count in played if count.state == "parked"),
        ended=ended,
        compared=sum(count.runs for count in of_it if count.control),
        steps=[]
        if play is None
        else _steps(play, standing, [of_step for of_step in sent if of_step.play == row.name]),
    )


def _steps(play: Play, standing: Counter[str | None], sent: Sequence[Any]) -> list[StepOut]:
    def follows(key: str, outcome: str) -> str:
        next_step = play.after(key, outcome)
        return END if next_step is None else next_step.key

    return [
        StepOut(
            step=step.key, says=step.says, kind=step.does.kind, standing=standing[step.key],
            next={word: follows(step.key, word) for word in step.does.outcomes},
            sent=sum(row.sent for row in sent if row.step == step.key),
            clicked=sum(row.clicked for row in sent if row.step == step.key),
        )
        for step in play.steps
    ]  # fmt: skip
