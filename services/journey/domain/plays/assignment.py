"""Another team does a share of a play's tasks than its file says, without a new version of the play."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.journey.domain.messages.arms import SALT, drawn

WHOLE = 100  # percent


@dataclass(frozen=True, slots=True)
class Assignment:
    """A share of the tasks of a step, or of all steps of a play that has none of its own.

    Attributes:
        step: None: the whole play.
        percent: of runs, 1 to 100.
    """

    play: str
    step: str | None
    team: str
    percent: int


def team_of(run: str, play: str, step: str, named: str, assignments: Sequence[Assignment]) -> str:
    """Which team does a task of a run; by hash, so that a run stays with one and a share can grow.

    Whoever has moved at 20 percent is among those at 40; all steps of a run go the same way.

    Args:
        named: the team that the play's file names.

    >>> everything = Assignment("help", None, "new", 100)
    >>> team_of("r", "help", "call", "old", [everything, Assignment("help", "ask", "other", 100)])
    'new'
    """
    of_play = [said for said in assignments if said.play == play and said.step in {step, None}]
    nearest = min(of_play, key=lambda said: said.step is None, default=None)
    if nearest is None:
        return named
    moves = drawn(SALT, f"{play}\x1fassignee", run) * WHOLE < nearest.percent
    return nearest.team if moves else named
