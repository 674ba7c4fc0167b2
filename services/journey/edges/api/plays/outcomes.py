"""/v1/plays/{play}/outcome: who reached its goal, with it and without it, by version, team and step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.journey.domain.plays.outcome import Curve, Fate, Lift, Runs, curve, lift
from services.journey.edges.api.plays.drafts import Name
from services.journey.edges.api.units import Read
from services.journey.errors import UnknownPlay
from shared.web.counted import Counting

router = APIRouter(prefix="/v1/plays/{play}", tags=["plays"])
_Steps = Mapping[str, Mapping[str, int]]


class LiftOut(BaseModel):
    """What the play adds to the share of customers who reach its goal, in parts of 1."""

    days: int = Field(description="Within so many days after they entered.")
    treated: float = Field(description="Share that reached it, with the play.")
    control: float = Field(description="The same of those compared with, for whom nothing is done.")
    difference: float
    low: float = Field(description="In 95 of 100 such cases the difference lies above this,")
    high: float = Field(description="and below this.")

    @classmethod
    def of(cls, measured: Lift | None) -> Self | None:
        """None: too few, or nobody to compare with."""
        return None if measured is None else cls.model_validate(measured, from_attributes=True)


class CurveOut(BaseModel):
    """How many reached the goal by which day."""

    runs: int
    shares: list[float] = Field(
        description="By the end of each day after they entered; as long as enough are observed."
    )
    errors: list[float] = Field(description="Their standard errors.")

    @classmethod
    def of(cls, shares: Curve) -> Self:
        """As it is shown."""
        return cls(runs=shares.runs, shares=list(shares.shares), errors=list(shares.errors))


class Came(BaseModel):
    """What runs came to."""

    reached: int
    missed: int = Field(description="They ended without it.")
    waiting: int


class VersionCame(Came):
    """Those that a version moved last."""

    version: int


class TeamCame(Came):
    """Those in which a team did a task."""

    team: str


class StepCame(BaseModel):
    """How often a step was begun, by those with whom nobody is compared, and what came of it."""

    step: str
    begun: int
    outcomes: dict[str, int]


class OutcomeOut(BaseModel):
    """How the goal of a play is reached."""

    treated: CurveOut
    control: CurveOut
    lift: LiftOut | None = Field(description="null: too few, or nobody to compare with.")
    versions: list[VersionCame] = Field(description="The newest first.")
    teams: list[TeamCame]
    steps: list[StepCame] = Field(description="Of all versions, by name.")


def groups(rows: Iterable[Runs]) -> tuple[Curve, Curve]:
    """With the play and without it."""
    split: tuple[list[Runs], list[Runs]] = ([], [])
    for row in rows:
        split[row.control].append(row)
    return curve(split[False]), curve(split[True])


@router.get("/outcome")
async def read_outcome(read: Read, counting: Counting, play: Name) -> OutcomeOut:
    """Shares that reached its goal by day, with it and for those compared with; by version and team."""
    now = read.now()

    async def count() -> tuple[Sequence[Runs], Mapping[str, Mapping[Fate, int]], _Steps]:
        async with read() as store:
            rows = await store.outcomes.by_play(now, play)
            teams = await store.outcomes.by_team(play)
            return rows.get(play, ()), teams, await store.outcomes.by_step(play)

    async with read() as store:
        if await store.plays.one(play) is None:
            raise UnknownPlay("none was ever published")
    rows, teams, steps = await counting.get(
        ("outcome", play), count, lambda came: sum(row.runs for row in came[0])
    )
    treated, control = groups(rows)
    return OutcomeOut(
        treated=CurveOut.of(treated),
        control=CurveOut.of(control),
        lift=LiftOut.of(lift(treated, control)),
        versions=[
            VersionCame(version=version, **_came(fates))
            for version, fates in sorted(_by_version(rows).items(), reverse=True)
        ],
        teams=[TeamCame(team=team, **_came(fates)) for team, fates in sorted(teams.items())],
        steps=[
            StepCame(
                step=step,
                begun=words.get("", 0),
                outcomes={word: times for word, times in sorted(words.items()) if word},
            )
            for step, words in sorted(steps.items())
        ],
    )


def _by_version(rows: Iterable[Runs]) -> Mapping[int, Mapping[Fate, int]]:
    versions: dict[int, dict[Fate, int]] = {}
    for row in rows:
        if not row.control:
            fates = versions.setdefault(row.version, {})
            fates[row.fate] = fates.get(row.fate, 0) + row.runs
    return versions


def _came(fates: Mapping[Fate, int]) -> dict[str, int]:
    return {
        "reached": fates.get("reached", 0),
        "missed": fates.get("left", 0) + fates.get("unseen", 0),
        "waiting": fates.get("waiting", 0),
    }
