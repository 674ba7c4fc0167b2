"""argon2id in two threads: the event loop stays free, and memory has a bound.

Strangers have one of the threads at the most: a hundred of them who sign in at once do not delay whom
we know, by a browser that was in before, a session or a good link.

Parameters: OWASP's password storage cheat sheet asks for 19 MiB and two passes at least; we take
46 MiB and two: 0.11 s of one core at best, 0.14 s in the middle of 15 (2 vCPU, machine half busy).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.console.domain.accounts import passwords
from shared import ids
from shared.errors import TryLater

T = TypeVar("T")

MEMORY_KIB = 46 * 1024
PASSES = 2
LANES = 1
THREADS = 2
STRANGERS = 1  # of the threads
WAITING = 40  # more are told to come back: of those whom we know, and of strangers


def _hasher(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=LANES)


@cache
def _nobody(memory_kib: int, passes: int) -> str:
    """Whom unknown accounts are compared with: made once."""
    return _hasher(memory_kib, passes).hash(ids.secret())


class Argon2:
    """Makes and checks password hashes."""

    def __init__(self, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._argon2 = _hasher(memory_kib, passes)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="argon2")
        self._places = {True: asyncio.Semaphore(THREADS), False: asyncio.Semaphore(STRANGERS)}
        self._waiting = {True: 0, False: 0}
        self._nobody = _nobody(memory_kib, passes)

    async def make(self, password: str, *, ahead: bool = False) -> str:
        """The hash to keep."""
        return await self._beside(partial(self._argon2.hash, passwords.prepared(password)), ahead)

    async def is_right(self, password: str, known: str | None, *, ahead: bool = False) -> bool:
        """Whether this is the password; without a known hash the same work, and False."""
        right = await self._beside(partial(self._verify, known or self._nobody, password), ahead)
        return right and known is not None

    def is_old(self, known: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(known)

    def _verify(self, known: str, password: str) -> bool:
        return any(self._is(known, form) for form in passwords.forms(password))

    def _is(self, known: str, form: str) -> bool:
        try:
            return self._argon2.verify(known, form)
        except (VerificationError, InvalidHashError):
            return False

    async def _beside(self, work: Callable[[], T], ahead: bool) -> T:
        if self._waiting[ahead] >= WAITING:
            raise TryLater("too many passwords to check at once")
        self._waiting[ahead] += 1
        try:
            async with self._places[ahead]:
                return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting[ahead] -= 1
