"""Sign in: password, then the second factor where there is one, then a session."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from services.console.domain.accounts.account import Account
from services.console.domain.accounts.link import Link
from services.console.domain.sealed.digest import digest
from services.console.domain.sessions import device
from services.console.domain.sessions.session import RequestOrigin, Session
from services.console.errors import SignInRefused
from services.console.handlers import throttle
from services.console.handlers.codes import use_code
from services.console.handlers.ports import By, Context, Store
from shared import ids
from shared.web.who import Who


@dataclass(frozen=True, slots=True)
class Entry:
    """How far somebody has come.

    Attributes:
        secret: for the cookie: of a session, or of a sign-in that waits for its second factor.
        device: for the cookie by which we know the browser again; empty where it is not complete.
    """

    secret: str = field(repr=False)
    complete: bool
    device: str = field(default="", repr=False)


def person(account: Account, origin: RequestOrigin | None = None) -> Who:
    """The account as the one who acts."""
    return Who(
        f"account:{account.id}",
        "person",
        account.roles,
        organisation=account.organisation,
        address="" if origin is None else origin.address,
        request="" if origin is None else origin.request,
    )


def stranger(origin: RequestOrigin) -> Who:
    """Somebody who has not proven anything."""
    return Who("stranger", "person", frozenset(), address=origin.address, request=origin.request)


async def with_password(
    context: Context, email: str, password: str, origin: RequestOrigin, now: datetime
) -> Entry:
    """The first step. Raises: SignInRefused, TooManyTries."""
    entered = await throttle.enter_password(context, email, origin, now)
    async with context.begin() as store:
        account = await store.accounts.by_email(email)
    known = account.password_hash if account is not None and account.may_sign_in else None
    # the same work for nobody's account
    right = await context.hasher.is_right(password, known, ahead=entered.known)
    if account is None or known is None or not right:
        await _note_refusal(context, account, origin, now)
        raise SignInRefused
    await throttle.passed(context, entered.forget, entered.give_back)
    old = context.hasher.is_old(known)
    renewed = await context.hasher.make(password, ahead=True) if old else None
    async with context.begin() as store:
        held = await store.accounts.by_id(account.id, lock=True)
        if held is None or not held.may_sign_in or held.password_hash != known:
            raise SignInRefused  # closed or changed while we computed
        if renewed is not None:
            await store.accounts.write(replace(held, password_hash=renewed))
        return await proceed(context, store, held, origin, now)


async def proceed(
    context: Context, store: Store, account: Account, origin: RequestOrigin, now: datetime
) -> Entry:
    """After the first proof: a session, or the wait for the second factor."""
    if not account.has_second_factor:
        secret = await open_session(store, account, origin, now, None)
        await store.note(By(person(account, origin), now), "sign_in", f"account:{account.id}")
        return Entry(secret, complete=True, device=known_from_now_on(context, account, origin))
    await store.note(By(person(account, origin), now), "sign_in.begin", f"account:{account.id}")
    secret = ids.secret()
    await store.links.void(["half"], account.id)
    await store.links.add(Link(digest(secret), "half", account.id, now, now + context.rules.half))
    return Entry(secret, complete=False)


async def with_code(
    context: Context, half: str, code: str, origin: RequestOrigin, now: datetime
) -> Entry:
    """The second step. Raises: SignInRefused, TooManyTries."""
    async with context.begin() as store:
        link = await store.links.find(digest(half), ["half"], now)
    if link is None or link.account is None:
        raise SignInRefused
    counted = throttle.code_key(link.account)
    await throttle.enter(context, {counted: throttle.FREE_OF_ACCOUNT}, now)
    async with context.begin() as store:
        entry = await _with_code(context, store, link.account, half, code, origin, now)
    if entry is None:
        await _note_refusal(context, None, origin, now, link.account)
        raise SignInRefused
    await throttle.passed(context, (counted,))
    return entry


def known_from_now_on(context: Context, account: Account, origin: RequestOrigin) -> str:
    """The cookie of a browser in which its owner was in; it stays the same browser."""
    known = device.id_of(context.seal, account.email, origin.device)
    return device.cookie(context.seal, account.email, known or ids.random_hex(device.ID_BITS))


async def _with_code(
    context: Context,
    store: Store,
    id_: str,
    half: str,
    code: str,
    origin: RequestOrigin,
    now: datetime,
) -> Entry | None:
    """A session, where the code is good and the first step was not used before."""
    account = await store.accounts.by_id(id_, lock=True)
    if account is None or not account.may_sign_in:
        return None
    if not await use_code(context, store, account, code, now):
        return None
    if await store.links.take(digest(half), ["half"], now) is None:
        return None
    await store.note(By(person(account, origin), now), "sign_in", f"account:{account.id}")
    secret = await open_session(store, account, origin, now, now)
    return Entry(secret, complete=True, device=known_from_now_on(context, account, origin))


async def open_session(
    store: Store,
    account: Account,
    origin: RequestOrigin,
    now: datetime,
    second_factor_at: datetime | None,
) -> str:
    """A new session, always with a new secret; returns the secret for the cookie."""
    secret = ids.secret()
    await store.sessions.add(
        Session(
            ids.random_id(), digest(secret), account.id, now, now, second_factor_at,
            origin.address, origin.agent[:200],
        )
    )  # fmt: skip
    return secret


async def _note_refusal(
    context: Context,
    account: Account | None,
    origin: RequestOrigin,
    now: datetime,
    id_: str | None = None,
) -> None:
    """Both kinds of refusal cost one transaction: an address without account takes as long."""
    whose = account.id if account is not None else id_
    subject = "account:unknown" if whose is None else f"account:{whose}"
    async with context.begin() as store:
        await store.note(By(stranger(origin), now), "sign_in.refused", subject)
