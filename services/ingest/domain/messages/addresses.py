"""MQTT topics: who speaks on which stream, and where it listens."""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["device", "app"]

BUCKETS = "0123456789abcdef"
ROOT = "pc/v1"
MAX_TOPIC = 200  # bytes; ours have less than 120
SOURCE_ID = re.compile(r"[a-z0-9-]{1,64}")
STREAMS: dict[Kind, tuple[str, ...]] = {"device": ("usage", "fault", "lifecycle"), "app": ("app",)}

_UP = re.compile(r"pc/v1/([^/]*)/(devices|apps)/([^/]*)/up/([^/]*)")
_CLOCK = re.compile(r"pc/v1/([0-9a-f])/clock/up")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message came from.

    Attributes:
        bucket: hex digit in the topic.
        stream: as written; not one of ours when `problem` says so.
        problem: reason to refuse everything that comes on this topic, or None.
        ce_source: CloudEvents source of what is sent here, e.g. `/cam-1/usage`.
        header: the same as a Kafka header.
    """

    bucket: str
    kind: Kind
    source: str
    stream: str
    problem: str | None
    ce_source: str
    header: tuple[str, bytes] = ("ce_source", b"")

    @property
    def down(self) -> str:
        """The topic on which this source listens."""
        return f"{ROOT}/{self.bucket}/{self.kind}s/{self.source}/down"


def bucket_of(source: str) -> str:
    """First hex digit of SHA-256(id): which ingest session reads this source.

    >>> bucket_of("cam-1")
    '1'
    """
    return hashlib.sha256(source.encode()).hexdigest()[0]


def up(kind: Kind, source: str, stream: str) -> str:
    """The topic a source sends on.

    >>> up("device", "cam-1", "usage")
    'pc/v1/1/devices/cam-1/up/usage'
    """
    return f"{ROOT}/{bucket_of(source)}/{kind}s/{source}/up/{stream}"


def filters(bucket: str, *, clock: bool) -> tuple[str, ...]:
    """What the session of a bucket subscribes to; its clock only in stream-clock mode."""
    topics = (f"{ROOT}/{bucket}/devices/+/up/+", f"{ROOT}/{bucket}/apps/+/up/+")
    return (*topics, clock_topic(bucket)) if clock else topics


def clock_topic(bucket: str) -> str:
    """Where the beacons of a bucket are sent."""
    return f"{ROOT}/{bucket}/clock/up"


def clock_bucket(topic: str) -> str | None:
    """The bucket whose beacons come on `topic`; None: it is no clock topic."""
    match = _CLOCK.fullmatch(topic)
    return None if match is None else match[1]


def parse(topic: str) -> Address:
    """The address of an `up` topic; never fails: `problem` says what is wrong with it."""
    match = _UP.fullmatch(topic) if len(topic.encode("utf-8", "replace")) <= MAX_TOPIC else None
    if match is None:
        return Address("", "device", topic[:64], "", "bad_topic", f"/{topic[:64]}/")
    bucket, folder, source, stream = match.groups()
    kind: Kind = "device" if folder == "devices" else "app"
    problem = None
    if SOURCE_ID.fullmatch(source) is None or bucket_of(source) != bucket:
        problem = "bad_topic"
    elif stream not in STREAMS[kind]:
        problem = "unknown_stream"
    ce_source = f"/{source}/{stream}"
    header = ("ce_source", ce_source.encode())
    return Address(bucket, kind, source, stream, problem, ce_source, header)
