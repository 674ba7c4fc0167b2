"""What becomes of a renewal that trouble has held until it was of no use: a person speaks of it."""

from collections.abc import Mapping

from services.journey.domain.plays.play import DAY, Play
from services.journey.domain.plays.run import OpenTask, Run
from services.journey.domain.plays.team import Team
from services.journey.domain.steps.task import Task

TITLE = "Speak of the renewal yourself"
SAYS = (
    "A mail about the end of the term was held for a week, as a ticket or fault was open all the time. "
    "Begin with the trouble: say what was done about it. Then speak of the term, and write down what they "
    "want."
)
RESULTS = ("will renew", "undecided", "will leave", "not reached")
WITHIN_S = 2 * DAY
KEEPER = "csm"  # the role of those who know customers


def call_instead(play: Play, teams: Mapping[str, Team], run: Run, now: int) -> OpenTask | None:
    """The task; None: no team of ours has anybody who would do it."""
    team = team_of_ours(play, teams)
    if team is None or run.step is None:
        return None
    return OpenTask(team, TITLE, SAYS, now + WITHIN_S, RESULTS, run.step, run.visit)


def team_of_ours(play: Play | None, teams: Mapping[str, Team]) -> str | None:
    """That which does tasks in this play anyhow, else the first whose people keep customers."""
    steps = () if play is None else play.steps
    asked = (step.does.team for step in steps if isinstance(step.does, Task))
    keepers = (team.name for team in teams.values() if KEEPER in team.roles)
    ours = {team.name for team in teams.values() if team.organisation is None}
    return next((name for name in (*asked, *keepers) if name in ours), None)
