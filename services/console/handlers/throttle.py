"""Count a try before it is judged: a thousand at the same time get no further than one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.console.domain.sealed.digest import digest
from services.console.domain.sessions import device
from services.console.domain.sessions.session import RequestOrigin
from services.console.domain.sessions.tries import Tries
from services.console.errors import TooManyTries
from services.console.handlers.ports import Context, Store
from shared.address import network

FREE_OF_ACCOUNT = 5
FREE_OF_ADDRESS = 20  # accounts that fail at one; an office may share it
FREE_EVERYWHERE = (
    1_000  # of one account, by browsers that we do not know: many addresses, one guesser
)
FREE_OF_KEYS = 20
FREE_OF_MAILS = 2


def account_key(email: str, address: str) -> str:
    """Tries at an account, whether there is one or not, from somewhere."""
    return f"{_accounts(email)}{network(address)}"


def address_key(address: str) -> str:
    """Tries from somewhere."""
    return f"address:{network(address)}"


def person_keys(account: str, email: str) -> tuple[str, ...]:
    """Under which the tries at an account and its address are counted, wherever they come from."""
    return everywhere_key(email), mail_key(email), code_key(account), own_key(account)


def person_beginning(email: str) -> str:
    """How all keys of `account_key` begin."""
    return _accounts(email)


def everywhere_key(email: str) -> str:
    """Tries at an account by browsers that we do not know."""
    return f"everywhere:{digest(email)}"


def mail_key(email: str) -> str:
    """Mails to an address, whether it has an account or not."""
    return f"mail:{digest(email)}"


def code_key(account: str) -> str:
    """Tries at a second factor."""
    return f"code:{account}"


def own_key(account: str) -> str:
    """Tries at one's own password, by somebody who is signed in."""
    return f"own:{account}"


@dataclass(frozen=True, slots=True)
class Entered:
    """A try at a password that was counted.

    Attributes:
        forget, give_back: what becomes of the counts once it was right.
        known: whether the browser was in before.
    """

    forget: tuple[str, ...]
    give_back: tuple[str, ...] = ()
    known: bool = False


async def enter_password(
    context: Context, email: str, origin: RequestOrigin, now: datetime
) -> Entered:
    """Count one try at a password, or refuse. Raises: TooManyTries.

    A browser that was in before has its own count. Strangers are counted by account and network
    together; the network itself counts accounts, so that one person who has forgotten a password
    locks nobody else out of the office.
    """
    known = device.id_of(context.seal, email, origin.device)
    if known is not None:
        own = f"device:{known}"
        await enter(context, {own: FREE_OF_ACCOUNT}, now)
        return Entered((own,), known=True)
    pair, where = account_key(email, origin.address), address_key(origin.address)
    everywhere = everywhere_key(email)
    async with context.begin() as store:
        held = await store.tries.hold((pair, where, everywhere))
        free = {pair: FREE_OF_ACCOUNT, everywhere: FREE_EVERYWHERE}
        if held[pair].is_forgotten(now):
            free[where] = FREE_OF_ADDRESS
        await _count(store, {key: held[key] for key in free}, free, now)
    return Entered((pair,), (where, everywhere))


async def enter(context: Context, free: Mapping[str, int], now: datetime) -> None:
    """Count one try for each key, or refuse.

    Args:
        free: tries without any wait, by key.
    Raises: TooManyTries: one of them has to wait; nothing was counted.
    """
    async with context.begin() as store:
        await _count(store, await store.tries.hold(free), free, now)


async def passed(context: Context, forget: Iterable[str], give_back: Iterable[str] = ()) -> None:
    """It was right: forget the ones' tries, and take this one off the others'."""
    gone, less = set(forget), set(give_back)
    async with context.begin() as store:
        held = await store.tries.hold(gone | less)
        left = {
            key: Tries(0 if key in gone else max(0, tries.count - 1), tries.last_at)
            for key, tries in held.items()
        }
        await store.tries.write(left)


async def _count(
    store: Store, held: Mapping[str, Tries], free: Mapping[str, int], now: datetime
) -> None:
    waits = [held[key].wait(now, allowed) for key, allowed in free.items()]
    if (longest := max(waits)) > timedelta(0):
        raise TooManyTries(longest.total_seconds())
    await store.tries.write({key: tries.counted(now) for key, tries in held.items()})


def _accounts(email: str) -> str:
    return f"account:{digest(email)}@"
