"""What the database refuses for good is stored half by half, at the last without its words."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec

from services.ingest.domain.rejects.rejects import Reject
from services.ingest.errors import Away
from services.ingest.handlers.messages.plan import Unclaimed
from shared import log
from shared.db import trouble
from shared.halving import in_halves

T = TypeVar("T")

_log = log.get("ingest.apart")


async def store_apart(
    items: Sequence[T], store: Callable[[Sequence[T]], Awaitable[None]], bare: Callable[[T], T]
) -> None:
    """Store what was refused together; an item refused by itself comes without its words.

    Raises: Away: the database cannot be reached, or refuses even that: it is not the item's fault.
    """

    async def settle(part: Sequence[T]) -> bool:
        if await _stored(part, store):
            return True
        if len(part) == 1:
            _log.error("stored without its words", extra={"id": getattr(part[0], "id", "")})
            try:
                await store([bare(part[0])])
            except Exception as error:
                raise Away(f"{type(error).__name__}: {str(error)[:200]}") from error
        return False

    await in_halves(items, settle)


async def _stored(part: Sequence[T], store: Callable[[Sequence[T]], Awaitable[None]]) -> bool:
    try:
        await store(part)
    except Exception as error:
        if trouble.is_passing(error):
            raise Away(str(error)) from error
        return False
    return True


def bare_reject(reject: Reject) -> Reject:
    """The same without a byte of the message."""
    news = reject.news
    return dataclasses.replace(
        reject, topic="", source=news.source, stream=news.stream, detail="", payload=b"",
        boot=None, seqs=[],
    )  # fmt: skip


def bare_fact(fact: Unclaimed) -> Unclaimed:
    """The same without the texts of the device."""
    words = {"firmware": None} | ({"to_firmware": ""} if hasattr(fact.event, "to_firmware") else {})
    return Unclaimed(fact.id, fact.source, msgspec.structs.replace(fact.event, **words))
