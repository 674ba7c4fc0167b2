"""Sign in by the OpenID provider: whom we know by subject, or have invited, and nobody else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from services.console.domain.accounts import address
from services.console.domain.accounts.account import Account, check_roles
from services.console.domain.provider import provider
from services.console.domain.provider.provider import Proven
from services.console.domain.sessions.session import RequestOrigin
from services.console.errors import BadRoles, ProviderRefused
from services.console.handlers.notices import tell
from services.console.handlers.ports import By, Context, Store
from services.console.handlers.sign_in import Entry, person, proceed
from shared.web.who import Role


async def begin(context: Context, state: str, nonce: str, verifier: str, now: datetime) -> None:
    """Somebody is sent to the provider, and may come back for a while; `state` is a digest."""
    async with context.begin() as store:
        await store.provider.begin(state, nonce, verifier, now + context.rules.half)


async def take(context: Context, state: str, now: datetime) -> tuple[str, str] | None:
    """Nonce and verifier of whoever was sent, once; None: nobody was, or it is too late."""
    async with context.begin() as store:
        return await store.provider.take(state, now)


async def enter(
    context: Context, proven: Proven, origin: RequestOrigin, now: datetime, *, maps_roles: bool
) -> Entry:
    """A session, or the wait for our own second factor. Raises ProviderRefused."""
    async with context.begin() as store:
        account = await _known(store, proven, origin, now)
        if maps_roles:
            account = await _with_roles(context, store, account, proven, origin, now)
        return await proceed(context, store, account, origin, now)


async def replace_roles(
    context: Context,
    table: Mapping[str, Role],
    by: By,
    unchanged: Callable[[Mapping[str, Role]], None],
) -> None:
    """Our table from now on.

    Args:
        unchanged: raises when the present table is not the one the caller has read.
    """
    async with context.begin() as store:
        before = dict(await store.provider.roles(lock=True))
        unchanged(before)
        await store.provider.replace_roles(table)
        await store.note(by, "provider.roles", "provider:roles", before=before, after=dict(table))


async def _known(store: Store, proven: Proven, origin: RequestOrigin, now: datetime) -> Account:
    """The account of a subject; at the first sign-in bound by the address that was invited."""
    account = await store.accounts.by_subject(proven.subject)
    if account is not None:
        held = await store.accounts.by_id(account.id, lock=True)
        if held is None or not held.may_sign_in:
            raise ProviderRefused("the account is closed")
        return held
    invited = None
    if proven.email is not None:
        try:
            invited = await store.accounts.by_email(address.email(proven.email))
        except ValueError:
            raise ProviderRefused("an address that we do not take") from None
    held = None if invited is None else await store.accounts.by_id(invited.id, lock=True)
    if held is None or held.state == "deactivated" or held.subject is not None:
        raise ProviderRefused("not invited")
    bound = replace(held, subject=proven.subject, state="active")
    await store.accounts.write(bound)
    await store.links.void(["invitation"], held.id)
    await store.note(By(person(bound, origin), now), "account.bind", f"account:{held.id}")
    return bound


async def _with_roles(
    context: Context,
    store: Store,
    account: Account,
    proven: Proven,
    origin: RequestOrigin,
    now: datetime,
) -> Account:
    roles = provider.mapped(proven.values, await store.provider.roles())
    try:
        check_roles(roles, account.organisation)
    except BadRoles:
        raise ProviderRefused("no roles that fit the account") from None
    if roles == account.roles:
        return account
    changed = replace(account, roles=roles)
    await store.accounts.write(changed)
    await store.note(
        By(person(changed, origin), now), "account.roles", f"account:{account.id}",
        before={"roles": sorted(account.roles)}, after={"roles": sorted(roles)},
    )  # fmt: skip
    await tell(context, store, account.id, "roles_changed", now)
    return changed
