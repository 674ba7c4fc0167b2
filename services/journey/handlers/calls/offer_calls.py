"""Steps have customers choose when they are called: each with a page of its own."""

from collections.abc import Sequence

from services.journey.domain.plays.assignment import team_of
from services.journey.domain.plays.run import OfferCall, Run
from services.journey.handlers.ports import Unit
from shared import ids

SERVICE = "journey"


async def offer_calls(unit: Unit, asked: Sequence[tuple[Run, OfferCall]]) -> None:
    """Offer them: of the teams that do such tasks now, as far as it is known when they work."""
    if not asked:
        return
    teams = unit.rules.playbook.teams
    holding = await unit.store.assignments.holding({run.play for run, _ in asked})
    known = [said for said in holding if said.team in teams and teams[said.team].hours is not None]
    await unit.store.calls.offer(
        [
            {
                "id": ids.derived(SERVICE, run.id, f"call/{act.step}", act.visit),
                "run": run.id, "customer": run.customer, "play": run.play, "step": act.step,
                "visit": act.visit, "team": team_of(run.id, run.play, act.step, act.team, known),
                "title": act.title, "says": act.says, "results": list(act.results),
                "skill": act.skill, "confirm": act.confirm, "length_s": act.length_s,
                "notice_s": act.notice_s, "within_s": act.within_s, "remind_s": act.remind_s,
                "again_s": act.again_s, "token": ids.secret(), "offered_at": unit.now,
                "state": "offered", "changed_at": unit.now, "version": 1,
            }
            for run, act in asked
        ]
    )  # fmt: skip
