"""Count a try before it is judged: a thousand at the same time get no further than one."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.console.domain.digest import digest
from services.console.domain.tries import Tries
from services.console.errors import TooManyTries
from services.console.handlers.ports import Given
from shared.address import network

FREE_OF_ACCOUNT = 5
FREE_OF_ADDRESS = 20  # an office may share one
FREE_OF_KEYS = 20
FREE_OF_MAILS = 2


def account_key(email: str) -> str:
    """Tries at an address, whether it has an account or not."""
    return f"account:{digest(email)}"


def address_key(address: str) -> str:
    """Tries from somewhere."""
    return f"address:{network(address)}"


def person_keys(account: str, email: str) -> tuple[str, ...]:
    """Under which the tries at an account and its address are counted."""
    return account_key(email), mail_key(email), code_key(account)


def mail_key(email: str) -> str:
    """Mails to an address, whether it has an account or not."""
    return f"mail:{digest(email)}"


def code_key(account: str) -> str:
    """Tries at a second factor."""
    return f"code:{account}"


async def enter(given: Given, free: Mapping[str, int], now: datetime) -> None:
    """Count one try for each key, or refuse.

    Args:
        free: tries without any wait, by key.
    Raises: TooManyTries: one of them has to wait; nothing was counted.
    """
    async with given.begin() as store:
        held = await store.tries.hold(free)
        waits = [held[key].wait(now, allowed) for key, allowed in free.items()]
        if (longest := max(waits)) > timedelta(0):
            raise TooManyTries(longest.total_seconds())
        await store.tries.write({key: tries.counted(now) for key, tries in held.items()})


async def passed(given: Given, forget: str, give_back: str | None) -> None:
    """It was right: forget the one's tries, and take this one off the other's."""
    async with given.begin() as store:
        held = await store.tries.hold([forget] if give_back is None else [forget, give_back])
        left = {forget: Tries(0, held[forget].last_at)}
        if give_back is not None:
            one = held[give_back]
            left[give_back] = Tries(max(0, one.count - 1), one.last_at)
        await store.tries.write(left)
