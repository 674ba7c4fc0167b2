"""A customer replies to a mail: a person sees to it, and their plays go on once that is done."""

from functools import partial
from typing import Any

from services.journey.domain.customers.customer import Customer
from services.journey.domain.days import seconds
from services.journey.domain.messages import reply
from services.journey.domain.messages.held_renewal import team_of_ours
from services.journey.domain.messages.verdict import Outcome
from services.journey.handlers.messages.suppress import sent_as
from services.journey.handlers.plays.as_played import as_played
from services.journey.handlers.plays.open_tasks import open_tasks
from services.journey.handlers.ports import Unit
from services.journey.handlers.stages.advance import Work, update_stages
from services.journey.handlers.stages.on_stages import on_stages
from shared.errors import NotFound
from shared.events import MessageChanged

KIND = "message"


async def reply_to(unit: Unit, message_id: str) -> Any:
    """A customer has replied to a mail of ours; a second reply to it changes nothing until the first is seen to.

    Raises: NotFound: no such mail went out, or its customer is gone.
    """
    unit = await as_played(unit)
    row = await sent_as(unit, message_id)
    held = await unit.store.customers.hold_existing([row.customer])
    run = await unit.store.runs.one(row.run)
    if row.verdict != Outcome.SEND or row.customer not in held or run is None:
        raise NotFound(KIND, message_id)
    played = unit.rules.play_of(run.play, run.version)
    team = team_of_ours(None if played is None else played[0], unit.rules.playbook.teams)
    if team is None or not await _note(unit, held[row.customer], row.id, waits=True):
        return row
    task = reply.task_of(team, row.message, row.id, row.step, seconds(unit.now))
    await open_tasks(unit, [(run, task)])
    await unit.store.messages.replied(row.id, unit.now)
    unit.audit("message.reply", KIND, row.id, after={"team": team})
    unit.emit(
        MessageChanged(
            at=unit.now, customer=row.customer, message=row.id, name=row.message, run=row.run,
            change="replied",
        ),
        key=f"c:{row.customer}", cause=f"message:{row.id}", kind="message_replied", n=task.n,
    )  # fmt: skip
    return row


async def seen_to(unit: Unit, message: str, customer: Customer) -> None:
    """Somebody has seen to a reply: plays write to the customer again."""
    await _note(unit, customer, message, waits=False)


async def _note(unit: Unit, customer: Customer, message: str, *, waits: bool) -> bool:
    """Note it and let runs hear of it; False: it was so already."""
    state = (await unit.store.customers.states([customer]))[customer.id]
    cause = f"reply:{message}"
    work = Work(customer, state, cause, seconds(unit.now))
    work.fold(partial(reply.note, message=message, at=seconds(unit.now), waits=waits), cause)
    await on_stages(unit, await update_stages(unit, [work]))
    return work.since is not None
