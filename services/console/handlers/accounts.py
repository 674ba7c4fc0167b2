"""What admins do with accounts: invite, change roles, deactivate, sign out everywhere, erase."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.console.domain.accounts.account import Account, check_roles
from services.console.errors import (
    LastAdmin,
    ReasonNamesPerson,
)
from services.console.handlers import links, throttle
from services.console.handlers.notices import tell
from services.console.handlers.ports import By, Context, Store
from shared import ids
from shared.errors import ChangedSince, Exists, NotFound
from shared.reasons import names_person
from shared.web.who import Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to be."""

    email: str
    name: str
    roles: Collection[Role]
    organisation: str | None


async def invite(context: Context, wanted: Wanted, by: By) -> tuple[Account, str]:
    """Make an account and mail its link. Raises: BadRoles, Exists.

    Returns: the account and the secret of the link, which the admin may hand over as well.
    """
    roles = check_roles(wanted.roles, wanted.organisation)
    async with context.begin() as store:
        known = await store.accounts.by_email(wanted.email)
        if known is not None:
            raise Exists("account", known.id, f"account {known.id} has this e-mail address")
        account = Account(
            ids.random_id(),
            wanted.email,
            wanted.name,
            roles,
            wanted.organisation,
            "invited",
            by.now,
        )
        if not await store.accounts.add(account):
            raise Exists("account", "", "an account of a moment ago has this e-mail address")
        secret = await links.send(context, store, account, "invitation", by.now)
        await _note(store, by, "account.invite", account.id, after=_rights(account))
    context.wake()
    return account, secret


async def listed(context: Context, after: str | None, limit: int, by: By) -> Sequence[Account]:
    """Accounts by id, after the last one known, and one more than `limit`; whom the answer shows is audited."""
    async with context.begin() as store:
        several = await store.accounts.listed(after, limit + 1)
        shown = [account.id for account in several[:limit]]
        await _note(store, by, "account.list", "all", after={"accounts": shown})
    return several


async def found(
    context: Context, text: str, after: tuple[str, str] | None, limit: int, by: By
) -> Sequence[Account]:
    """Accounts by name, and one more than `limit`; whom the answer shows is audited."""
    async with context.begin() as store:
        accounts = await store.accounts.found(text, after, limit + 1)
        shown = [account.id for account in accounts[:limit]]
        await _note(store, by, "account.list", "all", after={"accounts": shown})
    return accounts


async def read(context: Context, id_: str, by: By) -> Account:
    """One account; the answer shows a person, so it is audited. Raises NotFound."""
    async with context.begin() as store:
        account = await store.accounts.by_id(id_)
        if account is None:
            raise NotFound("account", id_)
        await _note(store, by, "account.read", id_)
    return account


async def invite_again(context: Context, id_: str, by: By) -> str:
    """A new link for somebody who has not accepted yet; the old one is void."""
    async with context.begin() as store:
        account = await _held(store, id_, None)
        if account.state != "invited":
            raise Exists("account", id_, f"account {id_} has been accepted")
        secret = await links.send(context, store, account, "invitation", by.now)
        await _note(store, by, "account.invite_again", id_)
    context.wake()
    return secret


async def change_roles(
    context: Context,
    id_: str,
    roles: Collection[Role],
    organisation: str | None,
    by: By,
    versions: frozenset[int] | None,
) -> Account:
    """Other roles from now on; all sessions end, the next sign-in has the new ones."""
    wanted = check_roles(roles, organisation)
    async with context.begin() as store:
        held = await _held(store, id_, versions)
        if "admin" not in wanted:
            await _keep_an_admin(store, held)
        changed = replace(held, roles=wanted, organisation=organisation)
        await store.accounts.write(changed)
        await store.sessions.end_all(id_)
        await _note(store, by, "account.roles", id_, before=_rights(held), after=_rights(changed))
        if held.may_sign_in and _rights(held) != _rights(changed):
            await tell(context, store, id_, "roles_changed", by.now)
    return replace(changed, version=held.version + 1)


async def deactivate(
    context: Context, id_: str, by: By, versions: frozenset[int] | None
) -> Account:
    """Out at once: no session, no link, no sign-in. The account stays for the history."""
    async with context.begin() as store:
        held = await _held(store, id_, versions)
        await _keep_an_admin(store, held)
        changed = replace(held, state="deactivated")
        await store.accounts.write(changed)
        await store.sessions.end_all(id_)
        await store.links.void(["invitation", "reset", "half"], id_)
        await _note(store, by, "account.deactivate", id_, _state(held), _state(changed))
    return replace(changed, version=held.version + 1)


async def activate(context: Context, id_: str, by: By, versions: frozenset[int] | None) -> Account:
    """In again, by a new invitation: the old password is good no more."""
    async with context.begin() as store:
        held = await _held(store, id_, versions)
        changed = held
        if held.state == "deactivated":
            changed = replace(held, state="invited", password_hash=None)
            await store.accounts.write(changed)
            await links.send(context, store, changed, "invitation", by.now)
            await _note(store, by, "account.activate", id_, _state(held), _state(changed))
            changed = replace(changed, version=held.version + 1)
    context.wake()
    return changed


async def sign_out(context: Context, id_: str, by: By) -> int:
    """End all sessions of an account; returns how many."""
    async with context.begin() as store:
        await _held(store, id_, None)
        ended = await store.sessions.end_all(id_)
        await _note(store, by, "account.sign_out", id_, after={"sessions": ended})
    return ended


async def reset_second_factor(context: Context, id_: str, by: By) -> Account:
    """The telephone is lost and so are the recovery codes: set up a new one at the next sign-in."""
    async with context.begin() as store:
        held = await _held(store, id_, None)
        changed = held.without_second_factor()
        await store.accounts.write(changed)
        await store.accounts.replace_recovery_codes(id_, ())
        await store.sessions.end_all(id_)
        had = {"second_factor": held.has_second_factor}
        await _note(store, by, "second_factor.reset", id_, had, {"second_factor": False})
        if held.has_second_factor:
            await tell(context, store, id_, "second_factor_removed", by.now)
    return replace(changed, version=held.version + 1)


async def erase(
    context: Context, id_: str, reason: str, by: By, versions: frozenset[int] | None
) -> None:
    """Forget who it was, for good; the id alone stays, in the audit and on the list of the erased.

    Raises: NotFound, ChangedSince, LastAdmin. ReasonNamesPerson: it is kept.
    """
    async with context.begin() as store:
        held = await _held(store, id_, versions)
        if names_person(reason, (held.name, held.email, held.email.partition("@")[0])):
            raise ReasonNamesPerson
        await _keep_an_admin(store, held)
        await store.accounts.erase(id_, by.now)
        keys = throttle.person_keys(id_, held.email)
        await store.tries.forget(keys, throttle.person_beginning(held.email))
        await store.note(
            by, "account.erase", f"account:{id_}", before=_rights(held) | _state(held), why=reason
        )


async def note_export(context: Context, id_: str, by: By) -> None:
    """Everything console holds of somebody is given out."""
    async with context.begin() as store:
        await store.note(by, "account.export", f"account:{id_}")


async def _held(store: Store, id_: str, versions: frozenset[int] | None) -> Account:
    held = await store.accounts.by_id(id_, lock=True)
    if held is None:
        raise NotFound("account", id_)
    if versions is not None and held.version not in versions:
        raise ChangedSince("account", id_, held.version)
    return held


async def _keep_an_admin(store: Store, held: Account) -> None:
    is_one = held.may_sign_in and "admin" in held.roles
    if is_one and await store.accounts.admins() < 2:
        raise LastAdmin


def _rights(account: Account) -> dict[str, Any]:
    return {"roles": sorted(account.roles), "organisation": account.organisation}


def _state(account: Account) -> dict[str, Any]:
    return {"state": account.state}


async def _note(
    store: Store,
    by: By,
    action: str,
    id_: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    await store.note(by, action, f"account:{id_}", before=before, after=after)
