"""A kind of effects: how they are prepared and done. Each is a file of its own in its service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
        prepare: loads what the acts of a batch need, last thing before them, by effect id, and says
            of an effect if something speaks against it, or against doing it now. It runs in the
            transaction that marks the effects dispatched, so what it writes (a cap that is used up)
            counts exactly for those that are done. It does nothing outside. What fails as a batch
            is halved until it is clear which effects fail.
        act: does one, and says what came of it. An exception counts as: it may have happened.
    """

    name: str
    policy: Policy
    prepare: Callable[
        [AsyncConnection, Sequence[Effect], datetime],
        Awaitable[Mapping[str, Ready | Suppressed | Refused | Deferred]],
    ]
    act: Callable[[Ready], Awaitable[Outcome]]


AnyKind = Kind[Any]


def singly(
    prepare: Callable[
        [AsyncConnection, Effect, datetime],
        Awaitable[Ready | Suppressed | Refused | Deferred],
    ],
) -> Callable[
    [AsyncConnection, Sequence[Effect], datetime],
    Awaitable[Mapping[str, Ready | Suppressed | Refused | Deferred]],
]:
    """`prepare` of a batch, of one for a single effect: for kinds of which there are never many."""

    async def prepare_all(
        connection: AsyncConnection, effects: Sequence[Effect], now: datetime
    ) -> Mapping[str, Ready | Suppressed | Refused | Deferred]:
        return {effect.id: await prepare(connection, effect, now) for effect in effects}

    return prepare_all
