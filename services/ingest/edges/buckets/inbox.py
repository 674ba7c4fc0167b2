"""What has been read and not been taken yet: in order, and bounded."""

from collections import deque
from collections.abc import Sequence

from services.ingest.domain.messages.message import Message
from shared import metrics

CHUNK_BYTES = 2 * 1024 * 1024
# QoS 0 knows no Receive Maximum, so what of it waits is bounded here, for the whole process
UNPROMISED = 20_000
UNPROMISED_BYTES = 32 * 1024 * 1024


class Inbox:
    """Messages that wait; of QoS 0, which promises nothing, only so many."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._unpromised = self._unpromised_bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, messages: Sequence[Message]) -> None:
        """They have just been read. Too much of QoS 0 is dropped, and counted."""
        append = self._messages.append
        for message in messages:
            if message.packet_id is None and message.connection is not None:
                if self._is_full():
                    message.settled = True
                    metrics.UNPROMISED_DROPPED.inc()
                    continue
                self._count(message, 1)
            append(message)

    def take(self, events: int) -> list[Message]:
        """The next ones: so many events, or so many bytes, at the most, but at least one message."""
        room, size, count = events, CHUNK_BYTES, 0
        for message in self._messages:
            payload = message.payload
            room -= payload.count(b"{") if payload and payload[0] == 0x5B else 1  # [
            size -= len(payload)
            if room < 0 or size < 0:
                break
            count += 1
        popleft = self._messages.popleft
        taken = [popleft() for _ in range(max(count, min(1, len(self._messages))))]
        if self._unpromised:
            for message in taken:
                if message.packet_id is None and message.connection is not None:
                    self._count(message, -1)
        return taken

    def forget(self, connection: object) -> None:
        """A connection has ended: the broker sends again what it promised, the rest is gone."""
        for message in self._messages:
            if message.connection is connection and message.packet_id is None:
                self._count(message, -1)
                metrics.UNPROMISED_DROPPED.inc()
        self._messages = deque(m for m in self._messages if m.connection is not connection)

    def _is_full(self) -> bool:
        return self._unpromised >= UNPROMISED or self._unpromised_bytes >= UNPROMISED_BYTES

    def _count(self, message: Message, sign: int) -> None:
        self._unpromised += sign
        self._unpromised_bytes += sign * len(message.payload)
