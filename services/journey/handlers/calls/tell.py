"""Customers are told of their calls by mail: agreed, moved, taken back, soon."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.journey.domain.calls.call import News
from services.journey.domain.messages.purpose import Channel
from services.journey.domain.plays.run import Run
from services.journey.handlers.plays.acts import MAIL_WITHIN, MESSAGE_MAIL
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Planned

SERVICE = "journey"
PRIORITY = 50  # of a play that is gone; such mails wait for no other anyhow


class Told(NamedTuple):
    """What is told of a call; `version`: of its changes, each is told once.

    Attributes:
        until: told later it is of no use.
    """

    call: Any
    run: Run
    news: News
    version: int
    until: datetime | None


async def tell(unit: Unit, told: Sequence[Told]) -> None:
    """Plan the mails; whether they may go out is asked when they are about to."""
    planned: list[dict[str, Any]] = []
    for news in told:
        call, run = news.call, news.run
        played = unit.rules.play_of(run.play, run.version)
        message = unit.rules.message(run.play, run.version, call.confirm)
        if message is None:  # it was taken out of the playbook
            continue
        id_ = ids.derived(SERVICE, call.id, f"message/{news.news}", news.version)
        within = unit.now + MAIL_WITHIN
        unit.plan(Planned(id_, MESSAGE_MAIL, call.customer, unit.now, within))
        planned.append(
            {
                "id": id_, "run": run.id, "customer": call.customer, "play": call.play,
                "step": call.step, "visit": call.visit, "version": run.version,
                "message": message.name, "topic": message.topic, "purpose": message.purpose,
                "priority": PRIORITY if played is None else played[0].priority,
                "planned_at": unit.now, "channel": Channel.EMAIL.value, "opens": None,
                "asks": None, "until": news.until, "news": news.news.value,
            }
        )  # fmt: skip
    await unit.store.messages.plan(planned)
