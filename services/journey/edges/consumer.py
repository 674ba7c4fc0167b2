"""What journey does with each topic, in the order they are handled within a round; and timers."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Column

from services.journey.handlers.calls.keep import fire_calls
from services.journey.handlers.deliveries.deliver import forget
from services.journey.handlers.erasures.erasures import tell_due
from services.journey.handlers.messages.click import fire_clicks
from services.journey.handlers.plays.fire_runs import fire_runs
from services.journey.handlers.plays.hand_offs import fire_hand_offs
from services.journey.handlers.ports import Unit
from services.journey.handlers.products.settle_offers import fire_offers
from services.journey.handlers.referrals.redeem import fire_rewards
from services.journey.handlers.stages.fire_timers import fire_stages, republish, take_back
from services.journey.handlers.stages.on_events import on_events, on_uses
from services.journey.store.tables import (
    call,
    click,
    customer,
    delivery,
    erasure,
    hand_off,
    offer,
    reward,
    run,
)
from shared.stream.record import Received

Fire = Callable[[Unit, int], Awaitable[int]]

HANDLERS: dict[str, Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]] = {
    "registry.changed": on_events,
    "device.lifecycle": on_events,
    "device.usage": on_uses,
    "app.usage": on_uses,
    "support.activity": on_events,
    "analytics.finding": on_events,
}


def timers(*, daily: bool) -> list[tuple[Fire, Column[Any] | None]]:
    """What fires, and by which column it is due; `daily`: customers are republished every day."""
    fires: list[tuple[Fire, Column[Any] | None]] = [
        (_until_none(take_back), None),
        (fire_stages, customer.c.due_at),
        (fire_runs, run.c.due_at),
        (fire_calls, call.c.due_at),
        (fire_clicks, click.c.due_at),
        (fire_hand_offs, hand_off.c.due_at),
        (fire_offers, offer.c.due_at),
        (fire_rewards, reward.c.due_at),
        (tell_due, erasure.c.tell_at),
        (forget, delivery.c.forget_at),
    ]
    return [*fires, (republish, customer.c.republish_at)] if daily else fires


def _until_none(work: Fire) -> Fire:
    """Call it until it finds nothing, then never again: no look at every row at every tick."""
    done = False

    async def once(unit: Unit, limit: int) -> int:
        nonlocal done
        if done:
            return 0
        fired = await work(unit, limit)
        done = fired == 0
        return fired

    return once
