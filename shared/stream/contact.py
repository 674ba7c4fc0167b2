"""What Kafka's answers tell beside their records: is contact unbroken, and where does a log end?"""

import struct
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.fetch import FetchRequest

from shared.clock import monotonic, wall_now
from shared.db.offsets import Partition
from shared.stream import clients

LEADER_EPOCH_AT = 12  # bytes before it in a batch of records, format 2


class Mark(NamedTuple):
    """A fetch was sent at this moment; its answer named this end of the log."""

    sent_at: datetime
    end: int


class _Way(NamedTuple):
    """Over what and under whose leadership records of a partition come to us."""

    connection: AIOKafkaConnection | None
    leader_epoch: int | None


class Contact:
    """Listens to the answers that one client gets.

    The log behind a partition can have become another one only where contact was broken: a broker
    that comes back does so over another connection, another leader writes under a higher epoch. And
    where a topic was made anew: fetches are refused meanwhile, or a log of it is shorter.
    Until `vouch` is called for it, a partition of which any of this was seen is in doubt, before any record of that answer can be taken (KIP-320; aiokafka knows no epochs).

    Attributes:
        heard_s: when Kafka last answered anything, monotonic seconds.
    """

    def __init__(self, client: AIOKafkaClient, heard_s: float) -> None:
        self.heard_s = heard_s
        self._client = client
        self._pass_on = client.send
        self._vouched: dict[Partition, _Way] = {}
        self._doubted: set[Partition] = set()
        self._marks: dict[Partition, Mark] = {}
        client.send = self._send

    async def vouch(self, places: Iterable[Partition]) -> None:
        """Trust what comes the present way from here on; the caller checks the logs after this."""
        for place in places:
            self.forget(place)
            leader = self._client.cluster.leader_for_partition(TopicPartition(*place))
            connection = None
            if leader not in {None, -1} and await self._client.ready(leader):
                connection = clients.connection(self._client, leader)
            self._vouched[place] = _Way(connection, None)

    def forget(self, place: Partition) -> None:
        """Know nothing more of a partition."""
        self._vouched.pop(place, None)
        self._marks.pop(place, None)
        self._doubted.discard(place)

    def doubted(self) -> set[Partition]:
        """Partitions whose log must be checked before a record of them is applied."""
        return set(self._doubted)

    def mark(self, place: Partition) -> Mark | None:
        """Where the log ended, as the newest answer says; None when there is none to be trusted."""
        return None if place in self._doubted else self._marks.get(place)

    async def _send(
        self, node_id: Any, request: Any, *, group: Any = ConnectionGroup.DEFAULT
    ) -> Any:
        """In place of the client's own `send`, which does the work."""
        fetch = isinstance(request, FetchRequest)
        if fetch:
            await self._client.ready(node_id, group=group)
        over, sent_at = clients.connection(self._client, node_id, group), wall_now()
        answer = await self._pass_on(node_id, request, group=group)
        self.heard_s = monotonic()
        if fetch:
            still = clients.connection(self._client, node_id, group) is over
            self._note(answer, over if still else None, sent_at)
        return answer

    def _note(self, answer: Any, over: AIOKafkaConnection | None, sent_at: datetime) -> None:
        for topic, partitions in answer.topics:
            for number, error, end, *_, records in partitions:
                place = (topic, number)
                known = self._vouched.get(place)
                if known is None:
                    continue
                epoch = leader_epoch(records)
                if error != 0 or self._is_shorter(place, end):  # perhaps deleted and made anew
                    self._doubted.update(other for other in self._vouched if other[0] == topic)
                if over is None or known.connection is not over:
                    self._doubted.add(place)
                elif epoch is not None and epoch != known.leader_epoch:
                    if known.leader_epoch is not None:
                        self._doubted.add(place)
                    self._vouched[place] = _Way(over, epoch)
                if error == 0:
                    self._marks[place] = Mark(sent_at, end)

    def _is_shorter(self, place: Partition, end: int) -> bool:
        known = self._marks.get(place)
        return known is not None and end < known.end


def leader_epoch(records: bytes | None) -> int | None:
    """Under whose leadership the first of these batches was written; None without one.

    >>> leader_epoch(bytes(8) + bytes([0, 0, 0, 49]) + bytes([0, 0, 0, 7]) + bytes(45))
    7
    >>> leader_epoch(b"") is None
    True
    """
    if not records or len(records) < LEADER_EPOCH_AT + 4:
        return None
    return int(struct.unpack_from(">i", records, LEADER_EPOCH_AT)[0])
