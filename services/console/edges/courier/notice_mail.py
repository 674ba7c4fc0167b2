"""The mail that tells people that their credentials have changed."""

from datetime import datetime
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.mails import letters
from services.console.domain.mails.mail import NOTICE_MAIL
from services.console.edges.courier.post import GONE, MAIL, Post
from services.console.store.accounts import Accounts
from shared.effects.effect import Effect, Suppressed
from shared.effects.kind import Kind, singly


def kind(post: Post) -> Kind[EmailMessage]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effect: Effect, now: datetime
    ) -> EmailMessage | Suppressed:
        del now
        account = await Accounts(connection).by_id(effect.about)
        if account is None:
            return Suppressed(GONE)
        letter = letters.notice(effect.payload["says"], effect.planned_at, post.rules.url)
        return post.message(effect, account.email, letter)

    return Kind(NOTICE_MAIL, MAIL, singly(prepare), post.courier.send)
