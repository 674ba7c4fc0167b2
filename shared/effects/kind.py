"""A kind of effects: how they are prepared and done. Each is a file of its own in its service."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.effects.effect import Deferred, Effect, Outcome, Policy, Refused, Suppressed

Ready = TypeVar("Ready")


@dataclass(frozen=True, slots=True)
class Kind(Generic[Ready]):
    """One line of a service's catalogue.

    Attributes:
        name: as rows, metrics and on-call call it; never changes.
        prepare: loads what the act needs, last thing before it, and says so if something speaks
            against it, or against doing it now. It runs in the transaction that marks the effect dispatched, so what it
            writes (a cap that is used up) counts exactly for those that are done. It does nothing
            outside.
        act: does it, and says what came of it. An exception counts as: it may have happened.
    """

    name: str
    policy: Policy
    prepare: Callable[
        [AsyncConnection, Effect, datetime], Awaitable[Ready | Suppressed | Refused | Deferred]
    ]
    act: Callable[[Ready], Awaitable[Outcome]]


AnyKind = Kind[Any]
