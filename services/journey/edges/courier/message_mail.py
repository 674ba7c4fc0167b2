"""A message of a play by mail: asked about last of all, sent, and an address that is none remembered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncConnection

from services.journey.edges.courier.post import Post
from services.journey.handlers.messages.decide import Going, decide
from services.journey.handlers.messages.suppress import refused
from services.journey.handlers.plays.acts import MESSAGE_MAIL
from shared.db import erased
from shared.effects.effect import Deferred, Effect, Outcome, Policy, Refused, Suppressed
from shared.effects.kind import Kind
from shared.stream.transaction import Transaction

# two mails of one Message-ID are better than none, three are not; deciding one by one would take six
# questions to the database for each
MAIL = Policy(repeats=1, at_once=8, batch=64)
NO_SUCH_ADDRESS = frozenset({"smtp_550", "smtp_551", "smtp_553"})  # RFC 5321, 4.2.3


def kind(post: Post) -> Kind[EmailMessage]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effects: Sequence[Effect], now: datetime
    ) -> Mapping[str, EmailMessage | Suppressed | Deferred]:
        await erased.hold(connection)
        tx = Transaction(connection, post.units.service, now)
        ids = [effect.id for effect in effects]
        answers = await decide(post.units.within(tx), ids, post.links)
        await tx.flush()
        return {
            id_: post.message(id_, answer.letter, answer.decided_at)
            if isinstance(answer, Going)
            else answer
            for id_, answer in answers.items()
        }

    async def act(mail: EmailMessage) -> Outcome:
        outcome = await post.courier.send(mail)
        if isinstance(outcome, Refused) and outcome.why in NO_SUCH_ADDRESS:
            message = str(mail["Message-ID"]).strip("<>").partition("@")[0]
            async with post.units.begin() as unit:
                await refused(unit, message, str(mail["To"]), "bounced")
        return outcome

    return Kind(MESSAGE_MAIL, MAIL, prepare, act)
