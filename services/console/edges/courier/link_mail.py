"""The mail that carries a link: an invitation, or a reset."""

from datetime import datetime
from email.message import EmailMessage

from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.accounts import link
from services.console.domain.mails import letters
from services.console.domain.mails.mail import LINK_MAIL
from services.console.edges.courier.post import GONE, MAIL, Post
from services.console.errors import SealBroken
from services.console.store.accounts import Accounts
from shared.effects.effect import Effect, Refused, Suppressed
from shared.effects.kind import Kind, singly


def kind(post: Post) -> Kind[EmailMessage]:
    """Its line in the catalogue."""

    async def prepare(
        connection: AsyncConnection, effect: Effect, now: datetime
    ) -> EmailMessage | Suppressed | Refused:
        del now
        account = await Accounts(connection).by_id(effect.about)
        if account is None:
            return Suppressed(GONE)
        try:
            secret = post.seal.open(effect.secret or "", "mail", account.id)
        except SealBroken:
            return Refused("seal_broken")
        what = effect.payload["says"]
        span = post.rules.reset if what == "reset" else post.rules.invitation
        letter = letters.letter(what, link.address(post.rules.url, secret), span)
        return post.message(effect, account.email, letter)

    return Kind(LINK_MAIL, MAIL, singly(prepare), post.courier.send)
