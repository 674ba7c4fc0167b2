"""A human task: a team is asked to do something, and somebody says what came of it."""

from dataclasses import dataclass
from typing import ClassVar

from services.journey.domain.messages.arms import SALT, arm
from services.journey.domain.plays.reading import Part
from services.journey.domain.plays.run import OpenTask
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words


@dataclass(frozen=True, slots=True)
class Task:
    """Asks a team.

    Attributes:
        due_s: within which time it is to be done.
        says: what to do, for whoever does it.
        skill: what they have to be able to do, where the team gives tasks by skill.
    """

    kind: ClassVar[str] = "task"
    title: str
    team: str
    says: str
    due_s: int
    results: tuple[str, ...]
    skill: str | None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What may come of it."""
        return self.results

    @property
    def waits(self) -> bool:
        """For a person."""
        return True

    def look(self, at: Look) -> Waits | Outcome:
        """Ask once, then wait for the result."""
        if at.told is not None:
            return Outcome(at.told, at.now)
        if at.control:
            return self._unasked(at)
        if not at.first:
            return Waits()
        return Waits(acts=(self.asks(at),))

    def _unasked(self, at: Look) -> Waits | Outcome:
        """Of those compared with nobody is asked: until it were due they are watched, and go on as if it were done."""
        end = at.since + self.due_s + at.paused_s
        if at.now < end:
            return Waits(end)
        even = dict.fromkeys(self.results, 1)
        word = arm(SALT, f"{at.play}/{at.key}/{at.visit}", at.customer, even)
        return Outcome(word, end, why="nobody was asked")

    def asks(self, at: Look) -> OpenTask:
        """The task."""
        due = max(at.now, at.since) + self.due_s
        return OpenTask(
            self.team, self.title, self.says, due, self.results, at.key, at.visit,
            skill=self.skill,
        )  # fmt: skip


def results(step: Part) -> tuple[str, ...]:
    """What may come of a task."""
    named = step.field("results").texts()
    if len(set(named)) < len(named):
        step.field("results").bad("a result is named twice")
    return tuple(named)


def _read(step: Part, words: Words) -> Task:
    team = step.field("team").word(words.teams, "team")
    return Task(
        title=step.field("task").text(),
        team=team,
        says=step.field("do").text(),
        due_s=step.field("due").span(),
        results=results(step),
        skill=skill_of(step, team, words),
    )


def skill_of(step: Part, team: str, words: Words) -> str | None:
    """What who does it has to be able to do; None: the step does not say."""
    skill = step.field("skill")
    if not skill.is_there:
        return None
    return skill.word(words.skills.get(team, ()), "skill of the team")


FIELDS = ("team", "do", "due", "results")
KIND = Kind(
    "task", (*FIELDS, "skill"), "Asks a team to do something.", _read, needed=FIELDS,
    example="{step: call, task: Call them, team: onboarding, do: Ask what is wrong., due: 1d, results: [helped, not reached]}",
)  # fmt: skip
