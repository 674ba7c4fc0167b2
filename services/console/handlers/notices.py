"""Mail tells people when their credentials change: whoever did it, they hear of it."""

from datetime import datetime

from services.console.domain.mails.mail import Notice, notice_mail
from services.console.handlers.ports import Context, Store
from shared import ids


async def tell(context: Context, store: Store, account: str, notice: Notice, now: datetime) -> None:
    """Plan a mail, in the transaction that changes what it tells of."""
    await store.plan(notice_mail(ids.random_id(), account, notice, now), now)
    context.wake()


async def tell_maker(
    context: Context, store: Store, subject: str, notice: Notice, now: datetime
) -> None:
    """The same for whoever acted, where that is a person with an account."""
    kind, _, id_ = subject.partition(":")
    if kind == "account" and await store.accounts.by_id(id_) is not None:
        await tell(context, store, id_, notice, now)
