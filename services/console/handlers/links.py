"""Links that are good once: the first admin's, invitations, resets."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.console.domain.accounts import passwords
from services.console.domain.accounts.account import Account
from services.console.domain.accounts.link import Kind, Link
from services.console.domain.mails.mail import link_mail
from services.console.domain.sealed.digest import digest
from services.console.domain.sessions.session import RequestOrigin
from services.console.errors import LinkNotGood, PasswordRefused, TooManyTries
from services.console.handlers import throttle
from services.console.handlers.notices import tell
from services.console.handlers.ports import By, Context, Store
from services.console.handlers.sealing import sealed
from services.console.handlers.sign_in import known_from_now_on, person, stranger
from shared import ids
from shared.web.who import Who

CONSOLE = Who("service:console", "service", frozenset({"service"}))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose who opened a link.

    Attributes:
        email, name: for the first admin; everybody else's are known or may be corrected.
    """

    password: str
    email: str | None
    name: str | None


async def offer_admin_link(context: Context, now: datetime) -> str | None:
    """A new link for the first admin, in place of older ones; None: there is an admin."""
    async with context.begin() as store:
        if await store.accounts.admins():
            return None
        await store.links.void(["admin"], None)
        secret = await _draw(store, "admin", None, now, context.rules.admin_link)
        await store.note(By(CONSOLE, now), "admin_link.offer", "account:first")
        return secret


async def send(context: Context, store: Store, account: Account, kind: Kind, now: datetime) -> str:
    """A link of this kind for an account, and the mail that carries it; older ones are void."""
    span = context.rules.reset if kind == "reset" else context.rules.invitation
    await store.links.void([kind], account.id)
    secret = await _draw(store, kind, account.id, now, span)
    kept = sealed(context.seal, secret, "mail", account.id)
    id_ = ids.derived("console", f"link:{digest(secret)}", "mail")
    await store.plan(link_mail(id_, account.id, kind, kept, now, span), now)
    return secret


async def count_reset(context: Context, origin: RequestOrigin, now: datetime) -> None:
    """Somebody asks for a mail. Raises: TooManyTries: from this address."""
    where = f"mails:{throttle.address_key(origin.address)}"
    await throttle.enter(context, {where: throttle.FREE_OF_ADDRESS}, now)


async def mail_reset(context: Context, email: str, origin: RequestOrigin, now: datetime) -> None:
    """Mail a link where there is such an account; beside the request, so that nobody times it.

    An address that was just written to gets no second mail.
    """
    try:
        await throttle.enter(context, {throttle.mail_key(email): throttle.FREE_OF_MAILS}, now)
    except TooManyTries:
        return
    async with context.begin() as store:
        account = await store.accounts.by_email(email)
        if account is not None and account.may_sign_in and account.password_hash is not None:
            await send(context, store, account, "reset", now)
            await store.note(
                By(stranger(origin), now), "password.ask_reset", f"account:{account.id}"
            )
    context.wake()


async def accept(
    context: Context, secret: str, chosen: Chosen, origin: RequestOrigin, now: datetime
) -> str:
    """Choose a password by a link; returns the cookie of a known browser. All its sessions end.

    Raises: LinkNotGood, PasswordRefused: the link stays good for another try. TooManyTries.
    """
    where = f"links:{throttle.address_key(origin.address)}"
    await throttle.enter(context, {where: throttle.FREE_OF_ADDRESS}, now)
    kinds: list[Kind] = ["admin", "invitation", "reset"]
    async with context.begin() as store:
        link = await store.links.find(digest(secret), kinds, now)
        account = None if link is None else await _whose(store, link, chosen, now)
    if account is None:
        raise LinkNotGood
    why = passwords.complaint(chosen.password, account.email)
    if why is not None:
        raise PasswordRefused(why)
    hashed = await context.hasher.make(chosen.password, ahead=True)
    wanted = replace(account, password_hash=hashed)
    async with context.begin() as store:
        if await _accepted(store, digest(secret), wanted, origin, now) == "reset":
            await tell(context, store, account.id, "password_reset", now)
    ended = (throttle.account_key(account.email, origin.address), throttle.own_key(account.id))
    await throttle.passed(context, (*ended, throttle.everywhere_key(account.email)), (where,))
    return known_from_now_on(context, account, origin)


async def _whose(store: Store, link: Link, chosen: Chosen, now: datetime) -> Account | None:
    """The account a link is for; the first admin's is made here."""
    if link.kind == "admin":
        if chosen.email is None or await store.accounts.by_email(chosen.email) is not None:
            return None
        return Account(
            ids.random_id(), chosen.email, chosen.name or "Admin", frozenset({"admin"}),
            None, "active", now,
        )  # fmt: skip
    if link.account is None:
        return None
    return await store.accounts.by_id(link.account)


async def _accepted(
    store: Store, link_digest: str, chosen: Account, origin: RequestOrigin, now: datetime
) -> Kind:
    """Use the link up and write the account, both or neither; returns what link it was."""
    link = await store.links.take(link_digest, ["admin", "invitation", "reset"], now)
    if link is None:
        raise LinkNotGood
    if link.kind == "admin":
        if await store.accounts.admins():
            raise LinkNotGood
        if not await store.accounts.add(chosen):
            raise LinkNotGood
    else:
        held = await store.accounts.by_id(chosen.id, lock=True)
        wanted = "invited" if link.kind == "invitation" else "active"
        if held is None or held.state != wanted:
            raise LinkNotGood
        await store.accounts.write(
            replace(held, password_hash=chosen.password_hash, state="active")
        )
        await store.sessions.end_all(held.id)
        await store.links.void(["invitation", "reset", "half"], held.id)
    action = "password.reset" if link.kind == "reset" else "account.accept"
    await store.note(By(person(chosen, origin), now), action, f"account:{chosen.id}")
    return link.kind


async def _draw(
    store: Store, kind: Kind, account: str | None, now: datetime, span: timedelta
) -> str:
    secret = ids.secret()
    await store.links.add(Link(digest(secret), kind, account, now, now + span))
    return secret
