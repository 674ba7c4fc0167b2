"""Who may do what at Kafka, derived from the topic table: one principal per service, least rights.

Kafka denies what is not in here (`allow.everyone.if.no.acl.found=false`). `deploy/prepare` sets it,
as the principal `prepare`, which alone may make topics and rights.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

from shared.events.topics import TOPICS, Service, Topic

SERVICES: tuple[str, ...] = get_args(Service)

Operation = Literal["read", "write", "describe", "describe configs"]


class Right(NamedTuple):
    """One thing that one principal may do with one topic or group."""

    principal: str
    operation: Operation
    on: Literal["topic", "group"]
    name: str


def rights(topics: Iterable[Topic] = TOPICS, services: Iterable[str] = SERVICES) -> set[Right]:
    """Every right that a principal needs for its work.

    A service writes the topics it produces and reads those it consumes, in the group of its name;
    onlookers read in no group.
    Of all topics and groups it sees where they stand, which `/v1/topics` shows, and no record.

    >>> sorted(right[1:] for right in rights(TOPICS[:1], ["analytics", "support"])
    ...        if right.principal == "support")
    ... # doctest: +NORMALIZE_WHITESPACE
    [('describe', 'group', 'analytics'), ('describe', 'group', 'journey'),
     ('describe', 'topic', 'device.usage'), ('describe configs', 'topic', 'device.usage')]
    """
    table = tuple(topics)
    groups = {group for topic in table for group in topic.consumers}
    wanted_rights: set[Right] = set()
    for service in services:
        wanted_rights |= {Right(service, "describe", "group", group) for group in groups}
        for topic in table:
            wanted_rights.add(Right(service, "describe", "topic", topic.name))
            wanted_rights.add(Right(service, "describe configs", "topic", topic.name))
            if topic.producer == service:
                wanted_rights.add(Right(service, "write", "topic", topic.name))
            if service in topic.onlookers:
                wanted_rights.add(Right(service, "read", "topic", topic.name))
            if service in topic.consumers:
                wanted_rights.add(Right(service, "read", "topic", topic.name))
                wanted_rights.add(Right(service, "read", "group", service))
    return wanted_rights
