"""One MQTT message on its way through ingest."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from services.ingest.domain.messages.addresses import Address


class Message(msgspec.Struct, eq=False, gc=False):
    """What came, from where, and whether it may be acknowledged to the broker.

    Attributes:
        received_at: when it was read; None: the stream clock says it, in order of reading.
        connection: the connection it came on, whose end makes its packet id meaningless.
        packet_id: None for QoS 0 and for what is judged again.
        again: id of the stored reject this is, when judged again.
        since: it may have waited for us since then; None: it came at once.
        settled: everything it asked for is safe: the broker may forget it.
        address: of its topic, once it has been looked up.
    """

    topic: str
    payload: bytes
    received_at: datetime | None
    connection: Any = None
    packet_id: int | None = None
    again: str | None = None
    since: datetime | None = None
    settled: bool = False
    address: "Address | None" = None
