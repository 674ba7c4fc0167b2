"""A message sent to a colleague to be looked at: console says where they have their mail."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.domain.messages.fill import BadTemplate
from services.journey.domain.messages.letter import Letter
from services.journey.edges.courier.post import Post
from services.journey.edges.drafted import drafted
from services.journey.errors import PlaybookWrong
from services.journey.handlers.messages.mail_to_try import TEST_MAIL, letter
from services.journey.handlers.plays.as_played import now_played
from shared.effects.effect import Away, Effect, NotNow, Outcome, Policy, Suppressed
from shared.effects.effect import Refused as Failed
from shared.effects.kind import Kind, singly
from shared.errors import NotFound, TryLater
from shared.stream.transaction import Transaction
from shared.web.client.answered import Refused

TRIES = Policy(attempts=20, longest=timedelta(minutes=5), repeats=1)
GONE, NO_CONSOLE, NO_ACCOUNT = "no_message", "no_console", "no_account"


class Tried(NamedTuple):
    """A letter, for which account, and when it was asked for."""

    id: str
    to: str
    letter: Letter
    at: datetime


class _Address(msgspec.Struct, frozen=True):
    email: str


def kind(post: Post) -> Kind[Tried]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effect: Effect, now: datetime
    ) -> Tried | Suppressed:
        asked = effect.payload
        unit = post.units.within(Transaction(connection, post.units.service, now))
        rules = await now_played(unit.store.plays, unit.rules)
        try:
            if asked["draft"] is not None:
                rules = drafted(rules, asked["draft"], await unit.store.drafts.one(asked["draft"]))
            written = await letter(replace(unit, rules=rules), asked["message"], asked["customer"])
        except (NotFound, BadTemplate, PlaybookWrong):
            return Suppressed(GONE)  # it was there when it was asked for
        return Tried(effect.id, asked["to"], written, effect.planned_at)

    async def act(test: Tried) -> Outcome:
        if post.console is None:
            return Away(NO_CONSOLE)
        try:
            answer = await post.console.get("/v1/accounts/{}/address", test.to)
        except TryLater:
            return NotNow("no_answer")
        except Refused:
            return Failed(NO_ACCOUNT)
        addressed = replace(test.letter, to=answer.read(_Address).email)
        return await post.courier.send(post.message(test.id, addressed, test.at))

    return Kind(TEST_MAIL, TRIES, singly(prepare), act)
