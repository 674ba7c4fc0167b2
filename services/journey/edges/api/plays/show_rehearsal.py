"""A rehearsal as it is shown: days, steps, verdicts, teams, ways, the difference."""

from collections import Counter
from datetime import date

from pydantic import BaseModel, Field

from services.journey.domain.days import DAY_S, moment_of
from services.journey.domain.messages.verdict import Outcome
from services.journey.domain.plays.play import END, Play, Playbook
from services.journey.domain.plays.team import Team
from services.journey.domain.rehearsals.life import Life, Played
from services.journey.domain.rehearsals.rehearse import Rehearsal
from services.journey.domain.rehearsals.sums import Sums
from services.journey.domain.rehearsals.unlived import unlived
from services.journey.domain.steps.task import Task
from shared.web.times import Time

EPOCH = date(1970, 1, 1).toordinal()


class DayOut(BaseModel):
    """One day, UTC."""

    day: date
    entered: int
    messages: dict[str, int] = Field(description="What went out, by channel.")
    tasks: dict[str, int] = Field(description="Opened, by team.")


class RehearsedStep(BaseModel):
    """One step: how often it was begun, and what came of it."""

    step: str
    says: str
    kind: str
    begun: int
    outcomes: dict[str, int]
    next: dict[str, str] = Field(description="By outcome, the step that follows; `end`: none.")


class VerdictOut(BaseModel):
    """Messages about which this was decided last."""

    verdict: str
    why: str
    messages: int


class TeamOut(BaseModel):
    """What a team would have had to do."""

    team: str
    tasks: int
    done: int
    hours: float | None = Field(description="null: `minutes_a_task` is not said in teams.yaml.")
    busiest_day: date
    busiest_hours: float | None
    hours_a_day: float | None = Field(description="What the team has, by teams.yaml.")
    days_over: int | None = Field(description="Days on which more would have been opened.")


class PathLine(BaseModel):
    """One line of a path."""

    at: Time
    what: str
    step: str | None
    why: str


class PathOut(BaseModel):
    """A way through the play, with one customer who would have gone it."""

    customers: int = Field(description="How many would have gone the same way.")
    customer: str
    lines: list[PathLine]


class EnteredOut(BaseModel):
    """Somebody who would have entered."""

    customer: str
    entered_at: Time
    ending: str = Field(description="How the run ended; `active`: it has not.")


class ComeTo(BaseModel):
    """What a version comes to."""

    version: int
    entered: int
    ended: dict[str, int]
    messages: int
    tasks: int


class RehearsalOut(BaseModel):
    """What a play would have been."""

    play: str
    begin: Time
    until: Time
    customers: int = Field(description="Looked at.")
    compared: int = Field(description="Runs of the control group.")
    in_flight: int
    parked: int
    this: ComeTo
    published: ComeTo | None = Field(description="The version played now, if it is another one.")
    days: list[DayOut]
    steps: list[RehearsedStep]
    verdicts: list[VerdictOut]
    held: dict[str, int] = Field(description="Messages that waited, by why.")
    caps: dict[str, int] = Field(description="Messages that a cap held, by cap.")
    teams: list[TeamOut]
    results: dict[str, dict[str, int]] = Field(description="Of tasks, by step.")
    spread_evenly: list[str] = Field(
        description="Tasks nobody has answered yet: their results are spread evenly."
    )
    not_lived: list[str] = Field(description="Steps that reach others: what is missing of them.")
    left_out: dict[str, int] = Field(description="What began no run, by why.")
    paths: list[PathOut]
    who: list[EnteredOut] = Field(description="The first 1,000 who would have entered.")


def shown(rehearsal: Rehearsal, playbook: Playbook) -> RehearsalOut:
    """All of it; `playbook` is the one with the play as it was rehearsed."""
    sums, played, teams = rehearsal.sums, rehearsal.played, playbook.teams
    tasks = [step for step in played.play.steps if isinstance(step.does, Task)]
    results: dict[str, dict[str, int]] = {}
    for (step, result), n in sorted(sums.results.items()):
        results.setdefault(step, {})[result] = n
    return RehearsalOut(
        play=played.play.name, begin=moment_of(played.begin), until=moment_of(played.until),
        customers=sums.customers, compared=sums.compared, in_flight=sums.in_flight,
        parked=sums.parked, this=_come_to(sums, played),
        published=None if rehearsal.published is None else _come_to(rehearsal.before, rehearsal.published),
        days=_days(sums, played), steps=_steps(played.play, sums),
        verdicts=[
            VerdictOut(verdict=verdict, why=why, messages=n)
            for (verdict, why), n in sorted(sums.verdicts.items(), key=lambda pair: (-pair[1], pair[0]))
        ],
        held=_counted(sums.held), caps=_counted(sums.caps), left_out=_counted(sums.left_out),
        teams=[_team(name, sums, teams.get(name)) for name in sorted({t for _, t in sums.tasks})],
        results=results, not_lived=unlived(played.play, playbook.plays),
        spread_evenly=[step.key for step in tasks if step.key not in played.habits],
        paths=[_path(n, life) for n, life in sums.paths()],
        who=[
            EnteredOut(customer=customer, entered_at=moment_of(at), ending=ending)
            for customer, at, ending in sums.who
        ],
    )  # fmt: skip


def _counted(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))


def _come_to(sums: Sums, played: Played) -> ComeTo:
    return ComeTo(
        version=played.version, entered=sums.entered.total(), ended=_counted(sums.ended),
        messages=sums.messages.total(), tasks=sums.tasks.total(),
    )  # fmt: skip


def _day(number: int) -> date:
    return date.fromordinal(EPOCH + number)


def _days(sums: Sums, played: Played) -> list[DayOut]:
    return [
        DayOut(
            day=_day(day),
            entered=sums.entered[day],
            messages={
                channel: n for (on, channel), n in sorted(sums.messages.items()) if on == day
            },
            tasks={team: n for (on, team), n in sorted(sums.tasks.items()) if on == day},
        )
        for day in range(played.begin // DAY_S, played.until // DAY_S + 1)
    ]


def _steps(play: Play, sums: Sums) -> list[RehearsedStep]:
    def follows(key: str, outcome: str) -> str:
        next_step = play.after(key, outcome)
        return END if next_step is None else next_step.key

    return [
        RehearsedStep(
            step=step.key, says=step.says, kind=step.does.kind,
            begun=sums.steps[step.key][""] if step.key in sums.steps else 0,
            outcomes={w: sums.steps[step.key][w] for w in step.does.outcomes},
            next={word: follows(step.key, word) for word in step.does.outcomes},
        )
        for step in play.steps
    ]  # fmt: skip


def _team(name: str, sums: Sums, team: Team | None) -> TeamOut:
    by_day = {day: n for (day, of), n in sums.tasks.items() if of == name}
    busiest = min(by_day, key=lambda day: (-by_day[day], day))
    task_hours = None if team is None or team.minutes_a_task is None else team.minutes_a_task / 60
    has = None if team is None else team.hours_a_day
    over = None
    if task_hours is not None and has is not None:
        over = sum(n * task_hours > has for n in by_day.values())
    tasks = sum(by_day.values())
    return TeamOut(
        team=name, tasks=tasks, done=sums.done[name],
        hours=None if task_hours is None else round(tasks * task_hours, 1), busiest_day=_day(busiest),
        busiest_hours=None if task_hours is None else round(by_day[busiest] * task_hours, 1),
        hours_a_day=has, days_over=over,
    )  # fmt: skip


def _path(customers: int, life: Life) -> PathOut:
    lines = [
        PathLine(at=moment_of(line.at), what=line.what, step=line.step, why=line.why)
        for _, lines in life.runs
        for line in lines
    ]
    lines += [
        PathLine(
            at=said.at, what="message", step=said.step,
            why=f"{said.verdict.outcome.value}/{said.verdict.reason.value}",
        )
        for said in life.said
        if said.verdict is not None and (said.held or said.verdict.outcome is not Outcome.SEND)
    ]  # fmt: skip
    return PathOut(
        customers=customers, customer=life.customer, lines=sorted(lines, key=lambda told: told.at)
    )
