"""Events that Kafka takes never: each becomes a reject, and its source is told."""

from collections.abc import Iterator, Sequence

from services.ingest.domain.failure import failure
from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import Refused
from services.ingest.domain.messages.judge import identity
from services.ingest.domain.messages.message import Message
from services.ingest.handlers.messages.on_messages import Planner, refuse
from services.ingest.handlers.messages.plan import Plan
from shared import log
from shared.events import Telemetry
from shared.stream.producer import Outgoing

REASON = "kafka_refused"

_log = log.get("ingest.taken_out")


def take_out(
    records: Sequence[Outgoing], part: Plan, plan: Plan, planner: Planner
) -> list[Outgoing]:
    """Nothing of these events is confirmed any more, and the plan gets their rejects.

    Args:
        records: of events; what is not of one is left out.
        part: what was sent with them, and would be confirmed now: the plan, or a part of it.

    Returns: the news of the rejects, to be sent as well.
    """
    gone = {(said["ce_source"], said["ce_id"]) for r in records for said in [dict(r.headers)]}
    for record in records:
        if record.topic in plan.accepted:
            plan.accepted[record.topic] -= 1
    part.confirmed = [
        (address, boot, seq)
        for address, boot, seq in part.confirmed
        if (address.header[1], f"{boot}:{seq}".encode()) not in gone
    ]
    so_far = len(plan.records)
    for message, refused in _found(plan, gone):
        planner.take_back(plan, message, refused)
    return plan.records[so_far:]


def _found(plan: Plan, gone: set[tuple[bytes, bytes]]) -> Iterator[tuple[Message, list[Refused]]]:
    """The messages they were made of, and what of each is refused."""
    sources = {source for source, _ in gone}
    for message in plan.taken:
        address = message.address
        if address is None or address.problem is not None or address.header[1] not in sources:
            continue
        try:
            elements = decode(message.payload, address.stream, address.source)
        except Exception as error:  # noqa: BLE001 - then nothing of it was in the plan
            _log.error("a message of %s failed", address.source, extra=failure(error))
            continue
        refused = [
            refuse(element, REASON, len(elements) > 1)
            for element in elements
            if isinstance(element, Telemetry)
            and (address.header[1], identity(element).encode()) in gone
        ]
        if refused:
            yield message, refused
