"""A message of a play in the app: asked about last of all, told to the apps by ingest, given again until seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.edges.courier.post import Post
from services.journey.handlers.messages.decide import Going, decide
from services.journey.handlers.plays.acts import MESSAGE_APP
from shared.db import erased
from shared.effects.effect import (
    Accepted,
    Away,
    Deferred,
    Effect,
    NotNow,
    Outcome,
    Policy,
    Suppressed,
)
from shared.effects.effect import Refused as Failed
from shared.effects.kind import Kind
from shared.errors import TryLater
from shared.stream.transaction import Transaction
from shared.web.client.answered import Refused

# an app shows a message of one id once, however often it is told; who is not connected is looked for
# every six hours, and at once when the app says that it was opened
APP = Policy(
    attempts=1_000, first=timedelta(minutes=1), longest=timedelta(hours=6), repeats=1_000, batch=64
)
NO_INGEST, NO_ANSWER, NO_APP, APP_AWAY = "no_ingest", "no_answer", "no_app", "app_away"


def kind(post: Post) -> Kind[dict[str, Any]]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effects: Sequence[Effect], now: datetime
    ) -> Mapping[str, dict[str, Any] | Suppressed | Deferred]:
        await erased.hold(connection)
        tx = Transaction(connection, post.units.service, now)
        messages = {effect.id: effect.payload.get("message", effect.id) for effect in effects}
        of = {effect.id: effect.about for effect in effects}
        answers = await decide(
            post.units.within(tx), list(dict.fromkeys(messages.values())), post.links
        )
        await tx.flush()
        return {
            id_: _told(message, of[id_], answer) if isinstance(answer, Going) else answer
            for id_, message in messages.items()
            for answer in [answers[message]]
        }

    async def act(told: dict[str, Any]) -> Outcome:
        if post.ingest is None:
            return Away(NO_INGEST)
        try:
            answer = await post.ingest.post("/v1/apps/messages", body=told, key=told["id"])
        except TryLater:
            return Away(NO_ANSWER)
        except Refused as refused:
            return Failed(f"http_{refused.status}")
        return judged(answer.json())

    return Kind(MESSAGE_APP, APP, prepare, act)


def judged(told: Mapping[str, Any]) -> Outcome:
    """What it means how many apps there are, and how many took it.

    >>> judged({"apps": 2, "taken": 1}), judged({"apps": 0, "taken": 0})
    (Accepted(), Refused(why='no_app'))
    """
    if told["taken"]:
        return Accepted()
    return NotNow(APP_AWAY) if told["apps"] else Failed(NO_APP)


def _told(message: str, customer: str, going: Going) -> dict[str, Any]:
    return {
        "customer": customer, "id": message, "title": going.letter.subject,
        "text": going.letter.text, "opens": going.opens, "until": going.until.isoformat(),
    }  # fmt: skip
