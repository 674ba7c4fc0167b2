"""What steps ask for becomes rows: messages to be sent, tasks for teams."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.journey.domain.days import moment_of
from services.journey.domain.messages.purpose import Channel
from services.journey.domain.plays.run import (
    CallWebhook,
    Moved,
    OfferCall,
    OpenTask,
    OpenTicket,
    Run,
    SendMessage,
)
from services.journey.handlers.calls.offer_calls import offer_calls
from services.journey.handlers.plays.open_tasks import open_tasks
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Planned
from shared.events import TaskChanged

SERVICE = "journey"
# the effects' kinds
MESSAGE_MAIL, MESSAGE_APP, WEBHOOK, TICKET = "message_mail", "message_app", "webhook", "ticket"
KIND_OF = {Channel.EMAIL: MESSAGE_MAIL, Channel.APP: MESSAGE_APP}
WEBHOOK_WITHIN = timedelta(days=2)  # what is told later is no news
# support forgets after a week that it has opened one (shared/web/idempotency.py): within this time once
TICKET_WITHIN = timedelta(days=5)
# why so long: what waited until it was of no use is decided as `too_late`, and its run told; an effect
# past its deadline would leave the run waiting
MAIL_WITHIN = timedelta(days=365)


async def plan_acts(unit: Unit, moved: Sequence[Moved]) -> None:
    """Plan messages, open tasks: once for each visit of a step, however often it is asked for."""
    messages: list[dict[str, Any]] = []
    tasks: list[tuple[Run, OpenTask]] = []
    calls: list[tuple[Run, OfferCall]] = []
    for change in moved:
        for act in change.acts:
            if isinstance(act, SendMessage):
                messages.append(_message(unit, change.run, act))
            elif isinstance(act, CallWebhook) and not change.run.control:
                _webhook(unit, change.run, act)
            elif isinstance(act, OpenTicket) and not change.run.control:
                _ticket(unit, change.run, act)
            elif isinstance(act, OpenTask):
                tasks.append((change.run, act))
            elif isinstance(act, OfferCall):
                calls.append((change.run, act))
    await unit.store.messages.plan(messages)
    await open_tasks(unit, tasks)
    await offer_calls(unit, calls)


def _message(unit: Unit, run: Run, act: SendMessage) -> dict[str, Any]:
    """Whether it may go out is asked when it is about to."""
    played = unit.rules.play_of(run.play, run.version)
    message = unit.rules.message(run.play, run.version, act.message)
    assert played is not None and message is not None  # noqa: S101, PT018 - it has just moved the run
    id_ = ids.derived(SERVICE, run.id, f"message/{act.step}", act.visit)
    kind = KIND_OF[Channel(act.channel)]
    unit.plan(Planned(id_, kind, run.customer, unit.now, unit.now + MAIL_WITHIN))
    return {
        "id": id_, "run": run.id, "customer": run.customer, "play": run.play,
        "step": act.step, "visit": act.visit, "version": run.version, "message": message.name,
        "topic": message.topic, "purpose": message.purpose,
        "priority": played[0].priority, "planned_at": unit.now,
        "channel": act.channel, "opens": act.opens, "to_role": act.to, "asks": act.asks, "until": None if act.until is None else moment_of(act.until),
        "news": None,
    }  # fmt: skip


def _webhook(unit: Unit, run: Run, act: CallWebhook) -> None:
    """What is told is put together when it is about to be."""
    id_ = ids.derived(SERVICE, run.id, f"webhook/{act.step}", act.visit)
    told = {"webhook": act.webhook, "run": run.id, "play": run.play, "step": act.step}
    within = unit.now + WEBHOOK_WITHIN
    unit.plan(Planned(id_, WEBHOOK, run.customer, unit.now, within, payload=told))


def _ticket(unit: Unit, run: Run, act: OpenTicket) -> None:
    """Its words are the play's, as they are now."""
    id_ = ids.derived(SERVICE, run.id, f"ticket/{act.step}", act.visit)
    asked = {"subject": act.subject, "text": act.says, "priority": act.priority, "play": run.play}
    within = unit.now + TICKET_WITHIN
    unit.plan(Planned(id_, TICKET, run.customer, unit.now, within, payload=asked))


def tell_cancelled(unit: Unit, task: Any) -> None:
    """Nobody needs to do it any more: its run has ended."""
    unit.emit(
        TaskChanged(
            at=unit.now, customer=task.customer, task=task.id, run=task.run, team=task.team,
            change="cancelled", state="cancelled", version=task.version,
        ),
        key=f"c:{task.customer}", cause=f"task:{task.id}", kind="task_cancelled",
    )  # fmt: skip
