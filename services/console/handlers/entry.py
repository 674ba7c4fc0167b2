"""Links that sign somebody in once: of the local stack, for whoever reads its folder anyway."""

from dataclasses import dataclass
from datetime import datetime

from services.console.domain.accounts.account import Account, check_roles
from services.console.domain.accounts.link import Link
from services.console.domain.sealed.digest import digest
from services.console.domain.sessions.session import RequestOrigin
from services.console.errors import LinkNotGood
from services.console.handlers.links import CONSOLE
from services.console.handlers.ports import By, Context
from services.console.handlers.sealing import sealed
from services.console.handlers.sign_in import Entry, known_from_now_on, open_session, person
from shared import ids
from shared.web.who import Role


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who comes in by such a link; made with the first one."""

    email: str
    name: str
    role: Role
    organisation: str | None = None


async def offer(context: Context, who: Somebody, now: datetime) -> str:
    """A link's secret for somebody. Raises: BadRoles.

    The account has a second factor that nobody holds: its role may want one, and the link is as good.
    """
    roles = check_roles({who.role}, who.organisation)
    async with context.begin() as store:
        account = await store.accounts.by_email(who.email)
        if account is None:
            id_ = ids.random_id()
            factor = sealed(context.seal, ids.base32_secret(), "second factor", id_)
            account = Account(
                id_, who.email, who.name, roles, who.organisation, "active", now, totp_secret=factor
            )
            await store.accounts.add(account)
        secret = ids.secret()
        ends = now + context.rules.admin_link
        await store.links.add(Link(digest(secret), "entry", account.id, now, ends))
        await store.note(By(CONSOLE, now), "entry_link.offer", f"account:{account.id}")
    return secret


async def enter(context: Context, secret: str, origin: RequestOrigin, now: datetime) -> Entry:
    """A session for the one whose link it is. Raises: LinkNotGood."""
    async with context.begin() as store:
        link = await store.links.take(digest(secret), ["entry"], now)
        account = None if link is None else await store.accounts.by_id(link.account or "")
        if account is None or not account.may_sign_in:
            raise LinkNotGood
        opened = await open_session(store, account, origin, now, now)
        await store.note(By(person(account, origin), now), "sign_in", f"account:{account.id}")
    return Entry(opened, complete=True, device=known_from_now_on(context, account, origin))
