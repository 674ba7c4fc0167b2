"""API keys: made, shown once, exchanged for tokens, revoked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.console.domain.programs import api_key
from services.console.domain.programs.api_key import ApiKey, KeyKind
from services.console.domain.sealed.digest import digest, same
from services.console.domain.sessions.session import RequestOrigin
from services.console.errors import TwoKeysActive
from services.console.handlers import throttle
from services.console.handlers.notices import tell_maker
from services.console.handlers.ports import By, Context
from services.console.handlers.sign_in import stranger
from shared import ids
from shared.errors import NotFound
from shared.web.who import Role, Who

NOBODY = digest("no key of this id")


@dataclass(frozen=True, slots=True)
class WantedKey:
    """A key to be."""

    name: str
    roles: Collection[Role]
    organisation: str | None = None
    scopes: Collection[str] | None = None
    life: timedelta = timedelta(days=90)
    kind: KeyKind = "key"


async def create(context: Context, wanted: WantedKey, by: By) -> tuple[ApiKey, str]:
    """A new key. Raises: BadKey, TwoKeysActive.

    Returns: the key, and how it is written: nobody can read that again.
    """
    api_key.check(
        wanted.name, wanted.kind, wanted.roles, wanted.organisation, wanted.scopes, wanted.life
    )
    secret = ids.secret()
    new_key = ApiKey(
        id=ids.random_hex(32),
        digest=digest(secret),
        kind=wanted.kind,
        name=wanted.name,
        roles=frozenset(wanted.roles),
        organisation=wanted.organisation,
        scopes=None if wanted.scopes is None else tuple(sorted(wanted.scopes)),
        created_at=by.now,
        created_by=by.who.subject,
        expires_at=by.now + wanted.life,
    )
    async with context.begin() as store:
        active = await store.keys.active(wanted.name, by.now)
        if len(active) >= api_key.ACTIVE_PER_NAME:
            raise TwoKeysActive(wanted.name, [active_key.id for active_key in active])
        await store.keys.add(new_key)
        after = {
            "name": new_key.name,
            "roles": sorted(new_key.roles),
            "organisation": new_key.organisation,
            "scopes": new_key.scopes,
            "expires_at": new_key.expires_at,
        }
        await store.note(by, "key.create", f"key:{new_key.id}", after=after)
        await tell_maker(context, store, by.who.subject, "key_made", by.now)
    return new_key, api_key.written(new_key.id, secret)


async def revoke(context: Context, id_: str, by: By) -> ApiKey:
    """No token for it from now on; those it has end within five minutes."""
    async with context.begin() as store:
        if await store.keys.revoke(id_, by.now):
            await store.note(by, "key.revoke", f"key:{id_}", after={"revoked_at": by.now})
        api_key = await store.keys.by_id(id_)
    if api_key is None:
        raise NotFound("key", id_)
    return api_key


async def holder(context: Context, key: str, origin: RequestOrigin, now: datetime) -> Who | None:
    """Who holds a key; None: it is not good. Raises: TooManyTries, after many wrong ones."""
    where = f"key:{throttle.address_key(origin.address)}"
    id_ = api_key.id_of(key)
    async with context.begin() as store:
        held = None if id_ is None else await store.keys.by_id(id_)
        known = NOBODY if held is None else held.digest
        right = same(digest(key[api_key.SECRET_AT :]), known)
        if held is not None and right and held.is_active(now):
            await store.keys.used(held.id, now.date())
            scopes = None if held.scopes is None else frozenset(held.scopes)
            return Who(
                held.subject, "service" if held.kind == "service" else "key", held.roles,
                organisation=held.organisation, scopes=scopes, address=origin.address, request=origin.request,
            )  # fmt: skip
    await throttle.enter(context, {where: throttle.FREE_OF_KEYS}, now)
    async with context.begin() as store:
        whose = "unknown" if held is None else held.id
        await store.note(By(stranger(origin), now), "key.refused", f"key:{whose}")
    return None
