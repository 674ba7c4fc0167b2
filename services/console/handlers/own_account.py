"""What people do with their own account: password, second factor, step-up."""

from dataclasses import dataclass, field, replace

from services.console.domain.accounts import one_time_code, passwords
from services.console.domain.accounts.account import Account
from services.console.domain.sealed.digest import digest
from services.console.domain.sessions.session import RequestOrigin, Session
from services.console.errors import (
    NoSecondFactor,
    PasswordRefused,
    SecondFactorRequired,
    SignInRefused,
    StepUpNeeded,
)
from services.console.handlers import throttle
from services.console.handlers.codes import opened, use_code
from services.console.handlers.notices import tell
from services.console.handlers.ports import By, Context, Store
from services.console.handlers.sealing import sealed
from services.console.handlers.sign_in import open_session
from shared import ids, pasted
from shared.errors import NotFound


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody at work on their own account: who they are and the session they are in."""

    account: Account
    session: Session
    origin: RequestOrigin
    by: By


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A second factor that was confirmed."""

    session_secret: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


async def sign_out(context: Context, own: Own) -> None:
    """The session ends here, not only in the browser."""
    async with context.begin() as store:
        await store.sessions.end(own.account.id, own.session.id)
        await store.note(own.by, "sign_out", f"account:{own.account.id}")


async def end_other_sessions(context: Context, own: Own) -> int:
    """End all sessions but this one; returns how many there were."""
    async with context.begin() as store:
        ended = await store.sessions.end_all(own.account.id, but=own.session.id)
        await store.note(own.by, "sessions.end", f"account:{own.account.id}")
    return ended


async def end_session(context: Context, own: Own, id_: str) -> None:
    """End one session. Raises NotFound."""
    async with context.begin() as store:
        if not await store.sessions.end(own.account.id, id_):
            raise NotFound("session", id_, "You have no such session.")
        await store.note(own.by, "sessions.end", f"account:{own.account.id}")


async def check_password(context: Context, own: Own, password: str) -> None:
    """Ask for the password again, counted apart. Raises: SignInRefused, TooManyTries."""
    whose = throttle.own_key(own.account.id)
    await throttle.enter(context, {whose: throttle.FREE_OF_ACCOUNT}, own.by.now)
    if not await context.hasher.is_right(password, own.account.password_hash, ahead=True):
        raise SignInRefused
    await throttle.passed(context, (whose,))


async def change_password(context: Context, own: Own, present: str, wanted: str) -> str:
    """Another password; all other sessions end, this one goes on under a new secret."""
    why = passwords.complaint(wanted, own.account.email)
    if why is not None:
        raise PasswordRefused(why)
    await check_password(context, own, present)
    hashed = await context.hasher.make(wanted, ahead=True)
    async with context.begin() as store:
        held = await _held(store, own)
        await store.accounts.write(replace(held, password_hash=hashed))
        await store.sessions.end_all(held.id)
        await store.links.void(["reset", "half"], held.id)
        await store.note(own.by, "password.change", f"account:{held.id}")
        await tell(context, store, held.id, "password_changed", own.by.now)
        return await open_session(store, held, own.origin, own.by.now, own.session.second_factor_at)


async def begin_second_factor(context: Context, own: Own, password: str | None) -> tuple[str, str]:
    """Draw a secret for the telephone; it counts once a code confirms it.

    Returns: the secret and its `otpauth://` address.
    """
    _stepped_up(context, own)
    if own.account.password_hash is not None:
        await check_password(context, own, password or "")
    secret = ids.base32_secret()
    async with context.begin() as store:
        held = await _held(store, own)
        pending = sealed(context.seal, secret, "second factor", held.id)
        await store.accounts.write(replace(held, totp_pending=pending))
        await store.note(own.by, "second_factor.begin", f"account:{held.id}")
    return secret, one_time_code.address(secret, own.account.email)


async def confirm_second_factor(context: Context, own: Own, code: str) -> Enrolled:
    """The telephone shows the right code: from now on it is asked for at every sign-in."""
    counted = throttle.code_key(own.account.id)
    await throttle.enter(context, {counted: throttle.FREE_OF_ACCOUNT}, own.by.now)
    async with context.begin() as store:
        held = await _held(store, own)
        pending = held.totp_pending and opened(context, held.totp_pending, held.id)
        if not pending:
            raise NoSecondFactor
        step = one_time_code.accepted_step(pending, pasted.code(code), own.by.now, 0)
        if step is None:
            raise SignInRefused
        changed = replace(held, totp_secret=held.totp_pending, totp_pending=None, totp_step=step)
        await store.accounts.write(changed)
        codes = await _recovery_codes(store, held.id)
        await store.sessions.end_all(held.id)
        await store.note(own.by, "second_factor.set_up", f"account:{held.id}")
        await tell(context, store, held.id, "second_factor_set_up", own.by.now)
        secret = await open_session(store, changed, own.origin, own.by.now, own.by.now)
    await throttle.passed(context, (counted,))
    return Enrolled(secret, codes)


async def remove_second_factor(context: Context, own: Own) -> None:
    """Sign in with the password alone again, where the roles permit it."""
    _stepped_up(context, own)
    async with context.begin() as store:
        held = await _held(store, own)
        if held.roles & context.rules.second_factor_roles:
            raise SecondFactorRequired
        await store.accounts.write(held.without_second_factor())
        await store.accounts.replace_recovery_codes(held.id, ())
        await store.note(own.by, "second_factor.remove", f"account:{held.id}")
        if held.has_second_factor:
            await tell(context, store, held.id, "second_factor_removed", own.by.now)


async def renew_recovery_codes(context: Context, own: Own) -> tuple[str, ...]:
    """Ten new ones; the old ones are good no more."""
    _stepped_up(context, own)
    async with context.begin() as store:
        held = await _held(store, own)
        if not held.has_second_factor:
            raise NoSecondFactor
        await store.note(own.by, "recovery_codes.renew", f"account:{held.id}")
        await tell(context, store, held.id, "recovery_codes_renewed", own.by.now)
        return await _recovery_codes(store, held.id)


async def step_up(context: Context, own: Own, code: str) -> str:
    """A code before a sensitive act; the session goes on under a new secret."""
    counted = throttle.code_key(own.account.id)
    await throttle.enter(context, {counted: throttle.FREE_OF_ACCOUNT}, own.by.now)
    async with context.begin() as store:
        held = await _held(store, own)
        if not held.has_second_factor:
            raise NoSecondFactor
        secret = None
        if await use_code(context, store, held, code, own.by.now):
            await store.sessions.end(held.id, own.session.id)
            secret = await open_session(store, held, own.origin, own.by.now, own.by.now)
        action = "step_up" if secret is not None else "step_up.refused"
        await store.note(own.by, action, f"account:{held.id}")
    if secret is None:
        raise SignInRefused
    await throttle.passed(context, (counted,))
    return secret


def _stepped_up(context: Context, own: Own) -> None:
    """Who has a second factor gives it before it is changed."""
    is_new = own.session.is_stepped_up(own.by.now, context.rules)
    if own.account.has_second_factor and not is_new:
        raise StepUpNeeded


async def _held(store: Store, own: Own) -> Account:
    held = await store.accounts.by_id(own.account.id, lock=True)
    if held is None or not held.may_sign_in:
        raise SignInRefused
    return held


async def _recovery_codes(store: Store, account: str) -> tuple[str, ...]:
    codes = [ids.base32_secret(80).lower() for _ in range(one_time_code.RECOVERY_CODES)]
    await store.accounts.replace_recovery_codes(account, [digest(code) for code in codes])
    return tuple(one_time_code.written(code) for code in codes)
