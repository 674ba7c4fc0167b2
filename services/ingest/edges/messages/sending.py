"""Records to Kafka: waits as long as it takes; what Kafka takes never is taken out, one by one."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from services.ingest.domain.failure import failure
from shared import log
from shared.clock import monotonic
from shared.errors import BadSettings
from shared.stream.producer import Outgoing, RecordRefused

RETRY_S = 1.0
SLOW_S = 2.0  # a chunk that Kafka has not taken by then is worth a word

_log = log.get("ingest.sending")


class Sender(Protocol):
    """Kafka. Raises RecordRefused."""

    async def send(self, records: Sequence[Outgoing]) -> None: ...


class Sending:
    """One send after the other, in order."""

    def __init__(self, kafka: Sender) -> None:
        self._kafka = kafka
        self._since: float | None = None

    @property
    def away_s(self) -> float | None:
        """How long Kafka has not taken the chunk in hand, None while it takes them as usual."""
        waited = 0.0 if self._since is None else monotonic() - self._since
        return waited if waited > SLOW_S else None

    async def send(self, records: Sequence[Outgoing]) -> list[Outgoing]:
        """Return when Kafka has them, whatever fails meanwhile: those that it takes never.

        Raises: BadSettings: Kafka refuses our password, or is not who it should be.
        """
        if not records:
            return []
        self._since = monotonic()
        refused = await self._offer(records)
        self._since = None
        return refused

    async def _offer(self, records: Sequence[Outgoing]) -> list[Outgoing]:
        while True:
            try:
                await self._kafka.send(records)
            except BadSettings:
                raise
            except RecordRefused as error:
                return await self._apart(records, error)
            except Exception as error:  # noqa: BLE001 - the net
                _log.error(
                    "%d records could not be sent: again", len(records), extra=failure(error)
                )
                await asyncio.sleep(RETRY_S)
            else:
                return []

    async def _apart(self, records: Sequence[Outgoing], error: RecordRefused) -> list[Outgoing]:
        """What was taken already goes a second time: consumers know it by its number."""
        if len(records) > 1:
            half = len(records) // 2
            return [*await self._offer(records[:half]), *await self._offer(records[half:])]
        (record,) = records
        _log.error(
            "Kafka refuses an event for good",
            extra={
                "topic": record.topic, "bytes": len(record.value), "error": str(error),
                **{k: v.decode() for k, v in record.headers if k in {"ce_id", "ce_source"}},
            },
        )  # fmt: skip
        return [record]
