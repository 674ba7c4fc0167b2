"""A member of a consumer group: how ours are set up."""

from aiokafka import AIOKafkaConsumer

from shared.stream import clients
from shared.stream.cluster import Where, options

FETCH_WAIT_MS = 100  # also how long a drained partition waits behind others' empty fetch


def make(kafka: Where, group: str, session_s: float) -> AIOKafkaConsumer:
    """A member that is not started yet; offsets are ours, so it commits nothing by itself."""
    clients.install()
    return AIOKafkaConsumer(
        **options(kafka),
        group_id=group,
        client_id=group,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        session_timeout_ms=int(session_s * 1000),
        heartbeat_interval_ms=int(min(3.0, session_s / 3) * 1000),
        rebalance_timeout_ms=60_000,
        # a long database outage must not cost the membership: liveness is watched by lag
        max_poll_interval_ms=3_600_000,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        metadata_max_age_ms=10_000,  # how soon a deleted or moved topic is noticed
    )
