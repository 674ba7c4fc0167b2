"""Mail tells people when their credentials change: whoever did it, they hear of it."""

from datetime import datetime

from services.console.domain.mail import TELL_FOR, Mail, Notice
from services.console.handlers.ports import Given, Store
from services.console.handlers.sealing import sealed
from shared import ids


async def tell(given: Given, store: Store, account: str, notice: Notice, now: datetime) -> None:
    """Put a mail into the outbox, in the transaction that changes what it tells of."""
    nothing = sealed(given.seal, "", "mail", account)
    mail = Mail(ids.random_id(), account, notice, nothing, 0, now, now, now + TELL_FOR)
    await store.mails.add(mail)
    given.wake()


async def tell_maker(
    given: Given, store: Store, subject: str, notice: Notice, now: datetime
) -> None:
    """The same for whoever acted, where that is a person with an account."""
    kind, _, id_ = subject.partition(":")
    if kind == "account" and await store.accounts.by_id(id_) is not None:
        await tell(given, store, id_, notice, now)
