"""One MQTT message on its way through ingest."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.ingest.domain.messages.addresses import Address


class Message:
    """What came, from where, and whether it may be acknowledged to the broker.

    Attributes:
        received_at: when it was read; None: the stream clock says it, in order of reading.
        connection: the connection it came on, whose end makes its packet id meaningless.
        packet_id: None for QoS 0 and for what is judged again.
        since: it may have waited for us since then; None: it came at once.
        settled: everything it asked for is safe: the broker may forget it.
        again: id of the stored reject this is, when judged again.
        address: of its topic, once it has been looked up.
    """

    __slots__ = (
        "address", "again", "connection", "packet_id", "payload", "received_at", "settled", "since",
        "topic",
    )  # fmt: skip

    def __init__(
        self,
        topic: str,
        payload: bytes,
        received_at: datetime | None,
        connection: Any = None,
        packet_id: int | None = None,
        again: str | None = None,
        since: datetime | None = None,
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.received_at = received_at
        self.connection = connection
        self.packet_id = packet_id
        self.since = since
        self.settled = False
        self.again = again
        self.address: Address | None = None
