"""What the database refuses for good is stored one by one, at the last without its words."""

import dataclasses
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import msgspec

from services.ingest.domain.rejects.rejects import Reject
from services.ingest.errors import Away
from services.ingest.handlers.messages.plan import Unclaimed
from shared import log
from shared.db import trouble

T = TypeVar("T")

_log = log.get("ingest.apart")


async def one_by_one(
    items: Iterable[T], store: Callable[[T], Awaitable[None]], bare: Callable[[T], T]
) -> None:
    """Store each by itself; one that is refused is stored without what came from outside.

    Raises: Away: the database cannot be reached, or refuses even that: it is not the item's fault.
    """
    for item in items:
        if not await _stored(item, store):
            _log.error("stored without its words", extra={"id": getattr(item, "id", "")})
            try:
                await store(bare(item))
            except Exception as error:
                raise Away(f"{type(error).__name__}: {str(error)[:200]}") from error


async def _stored(item: T, store: Callable[[T], Awaitable[None]]) -> bool:
    try:
        await store(item)
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
