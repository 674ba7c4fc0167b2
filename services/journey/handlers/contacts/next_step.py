"""The next step of a conversation is a task of who wrote it down: done there or here, it is done."""

from typing import Any, Final

from services.journey.handlers.customers.create_customers import SERVICE
from services.journey.handlers.plays.tasks import finish
from services.journey.handlers.ports import Unit
from shared import ids
from shared.events import TaskChanged

DONE, NOT_NEEDED = "done", "not needed"
RESULTS: Final = (DONE, NOT_NEEDED)
OVER = frozenset({"done", "cancelled"})


async def open_next_step(unit: Unit, talk: Any) -> None:
    """It is to be done by who has just talked; who is of no team finds it with the conversation only."""
    team = _team(unit)
    if talk.next_step is None or team is None:
        return
    id_ = ids.derived(SERVICE, talk.id, "task")
    owner = unit.who.subject
    await unit.store.tasks.open(
        [
            {
                "id": id_, "run": None, "talk": talk.id, "customer": talk.customer, "play": "",
                "step": "", "visit": 0, "team": team, "title": talk.next_step,
                "says": talk.note or talk.next_step, "results": list(RESULTS), "state": "claimed",
                "opened_at": unit.now, "due_at": talk.due_at, "starts_at": None, "owner": owner,
                "claimed_at": unit.now, "version": 1,
            }
        ]
    )  # fmt: skip
    unit.audit("task.given", "task", id_, after={"team": team, "owner": owner})
    unit.emit(
        TaskChanged(
            at=unit.now, customer=talk.customer, task=id_, team=team, change="opened",
            state="claimed", version=1, owner=owner,
        ),
        key=f"c:{talk.customer}", cause=f"task:{id_}", kind="task_opened",
    )  # fmt: skip


async def finish_next_step(unit: Unit, talk: Any) -> None:
    """Its task is done, too, if whoever says so may do it still."""
    task = await unit.store.tasks.of_talk(talk.id)
    if task is not None and task.state not in OVER and task.owner in {None, unit.who.subject}:
        await finish(unit, task.id, DONE, None)


def _team(unit: Unit) -> str | None:
    """The first of our own teams that they are of."""
    teams = unit.rules.playbook.teams.values()
    return next(
        (team.name for team in teams if team.organisation is None and team.roles & unit.who.roles),
        None,
    )
