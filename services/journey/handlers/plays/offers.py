"""Tasks become offers to another team: by a step of a play, or by somebody's hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.journey.domain.plays.team import Linkage, Team
from services.journey.handlers.plays.tell_hand_off import tell
from services.journey.handlers.ports import Unit
from shared import ids

SERVICE = "journey"
NOBODY = Team("", "", frozenset())  # a team that is not in the playbook any more


@dataclass(frozen=True, slots=True)
class Offer:
    """Which task is offered, by which linkage, and what whoever takes it has to know."""

    task: Mapping[str, Any]
    linkage: Linkage
    summary: str
    next_step: str


async def offer_tasks(unit: Unit, offers: Sequence[Offer]) -> None:
    """Offer tasks that steps have opened just now: each once, however often it is asked for."""
    for offer in offers:
        row = row_of(unit, offer, ids.derived(SERVICE, offer.task["id"], "hand_off"))
        await unit.store.hand_offs.offer(row)
        tell(unit, row, "offered", offer.task["team"])


def team_of(unit: Unit, name: str) -> Team:
    """The team of this name."""
    return unit.rules.playbook.teams.get(name, NOBODY)


def row_of(unit: Unit, offer: Offer, id_: str) -> dict[str, Any]:
    """An offer as it is written; the taker's time to answer runs from now on."""
    linkage, task = offer.linkage, offer.task
    expires = team_of(unit, linkage.taker).after(unit.now, timedelta(seconds=linkage.accept_s))
    return {
        "id": id_, "task": task["id"], "customer": task["customer"], "linkage": linkage.name,
        "giver": linkage.giver, "taker": linkage.taker, "escalate": linkage.escalate,
        "summary": offer.summary, "next_step": offer.next_step, "offered_at": unit.now,
        "offered_by": unit.who.subject, "expires_at": expires, "due_at": expires,
        "state": "offered", "settled_at": None, "settled_by": None, "why": None, "version": 1,
    }  # fmt: skip
