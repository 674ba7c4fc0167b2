"""What aiokafka leaves undone: a write to a closed connection, and background tasks that died.

aiokafka 0.14 catches OSError where it writes to a connection. asyncio only logs a write to one that
has just closed; uvloop raises RuntimeError, which ends whatever task was writing. If that is the one
that refreshes metadata, nobody looks at it again: the client finds no new leader, joins no group, and
says nothing (decision 0018). `tests/shared/stream/test_clients.py` pins both against the installed
version. Nothing else of ours looks inside its clients.
"""
# ruff: noqa: SLF001 - aiokafka shows none of this

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

from shared import log
from shared.clock import monotonic

_log = log.get("stream.clients")
_send = AIOKafkaConnection.send


def _send_or_say(self: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
    """Send; what uvloop says of a closed connection becomes the error that aiokafka expects."""
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"Connection at {self.host}:{self.port} closed") from error


def install() -> None:
    """Make every client of this process so; doing it twice changes nothing."""
    AIOKafkaConnection.send = _send_or_say


def dead(client: AIOKafkaConsumer | AIOKafkaProducer) -> str | None:
    """Name a background task that has ended though the client was not stopped; None: all run."""
    if isinstance(client, AIOKafkaProducer):
        tasks = {"metadata": client.client._sync_task, "sender": client._sender._sender_task}
    else:
        tasks = {
            "metadata": client._client._sync_task,
            "coordination": getattr(client._coordinator, "_coordination_task", None),
            "fetcher": getattr(client._fetcher, "_fetch_task", None),
        }
    return next((name for name, task in tasks.items() if task is not None and task.done()), None)


def inside(member: AIOKafkaConsumer) -> AIOKafkaClient:
    """The client behind a consumer: what sends its requests."""
    return member._client


def connection(
    client: AIOKafkaClient, node: Any, group: Any = ConnectionGroup.DEFAULT
) -> AIOKafkaConnection | None:
    """The connection that requests to a broker take now."""
    return client._conns.get((node, group))


def is_in_group(member: AIOKafkaConsumer) -> bool:
    """Whether Kafka counts it in, as far as it knows itself."""
    coordinator = member._coordinator
    return (
        coordinator is not None
        and coordinator.coordinator_id is not None
        and coordinator.generation >= 0
    )


async def close(client: AIOKafkaConsumer | AIOKafkaProducer, seconds: float) -> bool:
    """Stop a client, whatever state it is in; False: it did not end within `seconds`.

    A task of its that died or was cancelled gives that to whoever waits for its end, and the rest
    of the client would stay open.
    """
    until = monotonic() + seconds
    within = client.client if isinstance(client, AIOKafkaProducer) else client._client
    for stop in (client.stop, within.close):
        ending = asyncio.create_task(stop(), name="stop a client")
        await asyncio.wait({ending}, timeout=max(0.0, until - monotonic()))
        if not ending.done():
            ending.cancel()
            return False
        if not ending.cancelled() and ending.exception() is None:
            return True
        _log.info("closing a client that had failed")
    return True


install()
