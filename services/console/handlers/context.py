"""What every handler works with."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from services.console.domain.rules import Rules
from services.console.domain.sealed.seal import Seal
from services.console.store.store import Store


class Hasher(Protocol):
    """argon2id, beside the event loop; `ahead` of strangers: whom we know already."""

    async def make(self, password: str, *, ahead: bool = False) -> str: ...
    async def is_right(self, password: str, known: str | None, *, ahead: bool = False) -> bool: ...
    def is_old(self, known: str) -> bool: ...


@dataclass(frozen=True)
class Context:
    """What every handler works with.

    Attributes:
        begin: begins a transaction.
        wake: tells who does it that something was planned.
    """

    begin: Callable[[], AbstractAsyncContextManager[Store]]
    hasher: Hasher
    rules: Rules
    seal: Seal
    wake: Callable[[], None]
