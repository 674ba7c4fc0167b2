"""A ticket of a play: asked of support until it has it; asked twice it is still one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.edges.courier.post import Post
from services.journey.handlers.plays.acts import TICKET
from services.journey.store.store import Store
from shared.effects.effect import (
    Accepted,
    Away,
    Effect,
    NotNow,
    Outcome,
    Policy,
    Suppressed,
)
from shared.effects.effect import Refused as Failed
from shared.effects.kind import Kind, singly
from shared.errors import TryLater
from shared.web.client.answered import Refused

# the Idempotency-Key is the effect's id: support opens one, however often it is asked
TRIES = Policy(attempts=200, longest=timedelta(hours=1), repeats=200)
NO_SUPPORT = "no_support"
CUSTOMER_UNKNOWN = "customer_unknown"  # journey's news of them is still on its way


def kind(post: Post) -> Kind[tuple[str, dict[str, Any]]]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effect: Effect, now: datetime
    ) -> tuple[str, dict[str, Any]] | Suppressed:
        del now
        if await Store(connection).reader.find(effect.about) is None:
            return Suppressed("no_customer")
        return effect.id, {**effect.payload, "customer": effect.about}

    async def act(asked: tuple[str, dict[str, Any]]) -> Outcome:
        if post.support is None:
            return Away(NO_SUPPORT)
        key, body = asked
        try:
            await post.support.post("/v1/tickets", body=body, key=key)
        except TryLater:
            return NotNow("no_answer")
        except Refused as refused:
            if refused.kind == CUSTOMER_UNKNOWN:
                return NotNow(CUSTOMER_UNKNOWN)
            return Failed(f"http_{refused.status}")
        return Accepted()

    return Kind(TICKET, TRIES, singly(prepare), act)
