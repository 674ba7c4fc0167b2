"""What apps tell of messages: one was seen or clicked; an app was opened, and gets what was not seen."""

from collections.abc import Sequence
from typing import Any

from services.journey.domain.messages.of_runs import USEFUL
from services.journey.handlers.plays.acts import MAIL_WITHIN, MESSAGE_APP
from services.journey.handlers.ports import Unit
from shared import ids
from shared.effects.effect import Planned
from shared.events import AppOpened, MessageClicked, MessageSeen
from shared.stream.record import Received

SERVICE = "journey"
TOLD = frozenset({MessageSeen, MessageClicked})


async def note_messages(unit: Unit, batch: Sequence[Received[Any]]) -> None:
    """Note what was seen and clicked, then give again what was not; their customers are held by nobody."""
    told = [received.event for received in batch if type(received.event) in TOLD]
    if told:
        await unit.store.messages.noticed(
            [
                (event.message, event.customer, event.at, isinstance(event, MessageClicked))
                for event in told
                if event.customer is not None
            ]
        )
    opened = {
        received.event.customer: received.id
        for received in batch
        if type(received.event) is AppOpened and received.event.customer is not None
    }
    if opened:
        await _again(unit, opened)


async def _again(unit: Unit, opened: dict[str, str]) -> None:
    """Of who opened an app: messages that went out, or wait for an app, and were not seen.

    Args:
        opened: by customer, the identity of the event.
    """
    unseen = await unit.store.messages.unseen(opened, unit.now - USEFUL)
    if not unseen:
        return
    hastened = await unit.store.messages.hasten([row.id for row in unseen], unit.now)
    for row in unseen:
        if row.id not in hastened:
            id_ = ids.derived(SERVICE, row.id, f"again/{opened[row.customer]}", 0)
            unit.plan(
                Planned(
                    id_, MESSAGE_APP, row.customer, unit.now, unit.now + MAIL_WITHIN,
                    payload={"message": row.id},
                )
            )  # fmt: skip
