"""A webhook of a play: signed, to a public address only, tried for a day; nobody waits for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.days import seconds
from services.journey.domain.facts import fact_of
from services.journey.domain.messages.signature import signed
from services.journey.domain.messages.verdict import RETRY, Reason
from services.journey.edges.courier.post import Post
from services.journey.handlers.plays.acts import WEBHOOK
from services.journey.handlers.plays.as_played import now_played
from services.journey.store.store import Store
from shared.effects.effect import (
    Accepted,
    Away,
    Deferred,
    Effect,
    NotNow,
    Outcome,
    Policy,
    Refused,
    Suppressed,
)
from shared.effects.kind import Kind, singly
from shared.errors import TryLater
from shared.web.client.outgoing import AddressRefused

# an hour between tries at last: somebody who is down for a day misses nothing. It may be done again
# though it may have happened: who listens knows it by its id
TRIES = Policy(attempts=34, longest=timedelta(hours=1), repeats=5)
NO_KEY = "no_key"
_NOT_NOW = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent where."""

    id: str
    url: str
    body: bytes


def kind(post: Post) -> Kind[Call]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effect: Effect, now: datetime
    ) -> Call | Suppressed | Refused | Deferred:
        webhook = post.units.rules.playbook.webhooks.get(effect.payload["webhook"])
        if webhook is None:
            return Suppressed("no_webhook")
        store = Store(connection)
        rules = await now_played(store.plays, post.units.rules)
        if rules.lives.halts(effect.payload["play"]):
            return Deferred(now + RETRY, Reason.PLAY_PAUSED.value)
        row = await store.reader.find(effect.about)
        if row is None:
            return Suppressed("no_customer")
        state = await store.reader.state(row)
        facts = {name: fact_of(name).value(state, seconds(now)) for name in webhook.facts}
        told = {name: effect.payload[name] for name in ("play", "step", "run")}
        body = {
            "type": "play.step", "timestamp": effect.planned_at.isoformat(),
            "data": {**told, "customer": effect.about, "facts": facts},
        }  # fmt: skip
        return Call(effect.id, webhook.url, msgspec.json.encode(body))

    async def act(call: Call) -> Outcome:
        if post.webhook_key is None:
            return Away(NO_KEY)
        at = seconds(post.units.clock.now())
        headers = signed(post.webhook_key, call.id, at, call.body)
        try:
            answer = await post.outgoing.send("POST", call.url, call.body, headers)
        except AddressRefused:
            return Refused("address_refused")
        except TryLater:
            return NotNow("no_answer")
        return judged(answer.status)

    return Kind(WEBHOOK, TRIES, singly(prepare), act)


def judged(status: int) -> Outcome:
    """What an answer means; a redirect leads where nobody has looked, and is not followed.

    >>> judged(204), judged(302), judged(500)
    (Accepted(), Refused(why='http_302'), NotNow(why='http_500'))
    """
    if 200 <= status < 300:
        return Accepted()
    if status >= 500 or status in _NOT_NOW:
        return NotNow(f"http_{status}")
    return Refused(f"http_{status}")
