"""Who does the tasks of a play: teams other than its file names, and whom teams give tasks to."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args
from urllib.parse import quote

from services.console.edges.pages.panels import Panel
from services.console.edges.pages.people import colleagues, names
from services.console.edges.pages.plays.play_draft import PUBLISHERS
from services.console.edges.pages.view import View
from services.console.edges.services.journey.assignees import Of, Team

Act = Literal["assign", "end", "add", "drop"]
ACTS: tuple[Act, ...] = get_args(Act)


async def _shown(view: View) -> Mapping[str, Any]:
    play = view.request.path_params["play"]
    of_play = await view.ask.assignees.of_play(play) or Of([], [])
    teams = await view.ask.assignees.teams()
    holds = [given for given in of_play.assignments if given.ended_at is None]
    doing = {step.team for step in of_play.steps} | {given.team for given in holds}
    at_work = [team for team in teams if team.team in doing and team.owner != "nobody"]
    people = [member.who for team in at_work for member in team.members]
    people += [
        who for given in of_play.assignments for who in (given.begun_by, given.ended_by or "")
    ]
    publishes = view.has(*PUBLISHERS)
    return {
        "path": f"/plays/{quote(play, safe='')}", "steps": of_play.steps, "holds": holds,
        "over": [given for given in of_play.assignments if given.ended_at is not None],
        "teams": teams, "at_work": at_work, "names": await names(view, people),
        "publishes": publishes,
        "colleagues": await colleagues(view, ("csm", "agent", "lead")) if publishes else (),
    }  # fmt: skip


PANEL = Panel("assignees", "plays.assignees", "_assignees.html", _shown)


async def act_on(view: View, play: str, act: Act, form: Mapping[str, str]) -> None:
    """Have journey do it. Raises Refused."""
    ask, team, who = view.ask.assignees, form.get("team", ""), form.get("who", "")
    if act == "assign":
        percent = form.get("percent", "")
        share: object = int(percent) if percent.isdecimal() else percent
        await ask.assign(play, form.get("step") or None, team, share)
    elif act == "end":
        await ask.end(play, form.get("id", "-"))
    elif act == "add":
        await ask.add(team, who, await _skills(view, team, form.get("skills", "")))
    else:
        await ask.drop(team, who)


async def _skills(view: View, team: str, typed: str) -> Sequence[str]:
    """What was typed; of a team without words for skills nothing."""
    teams: Mapping[str, Team] = {known.team: known for known in await view.ask.assignees.teams()}
    has = teams[team].skills if team in teams else ()
    return [word.strip() for word in typed.split(",") if word.strip()] if has else ()
