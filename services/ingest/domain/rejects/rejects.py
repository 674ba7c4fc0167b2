"""What is refused: the row that keeps its bytes, the news of it, and the answer to the source."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from services.ingest.domain.messages.acks import Answer, Range, merged
from services.ingest.domain.messages.addresses import MAX_TOPIC, SOURCE_ID, STREAMS, Address
from services.ingest.domain.messages.elements import Refused
from shared import ids
from shared.events import Rejected
from shared.normal import storable

MAX_BYTES = 64 * 1024
_TEXTS = ("id", "topic", "source", "stream", "reason", "detail", "sha256", "boot")
_STREAMS = frozenset({"clock", *(name for names in STREAMS.values() for name in names)})


@dataclass(frozen=True, slots=True)
class Reject:
    """All elements of one message refused for one reason (and of one boot).

    Its texts come from outside: whatever no table and no encoder could hold is replaced.

    Attributes:
        payload: first 64 KiB of the message, or an array of the refused elements of it.
        size: bytes of the whole message.
        sha256: of the whole message, hex.
        seqs: inclusive ranges; empty where no identity could be read.
    """

    id: str
    topic: str
    source: str
    stream: str
    reason: str
    detail: str
    payload: bytes
    size: int
    sha256: str
    boot: str | None
    seqs: list[Range]
    elements: int
    received_at: datetime

    def __post_init__(self) -> None:
        """Clean what is written into tables, topics and answers."""
        for name in _TEXTS:
            text = getattr(self, name)
            if text is not None:
                object.__setattr__(self, name, storable(text))

    @property
    def news(self) -> Rejected:
        """What goes to `ingest.rejected`: no bytes, and no word of the topic that is not ours."""
        return Rejected(
            at=self.received_at,
            source=self.source if SOURCE_ID.fullmatch(self.source) else "unreadable",
            stream=self.stream if self.stream in _STREAMS else "unknown",
            reason=self.reason,
            size=self.size,
            sha256=self.sha256,
            boot=self.boot,
            seq=self.seqs[0][0] if self.seqs else None,
        )


def rejects_of(
    address: Address,
    topic: str,
    payload: bytes,
    refused: Iterable[Refused],
    received_at: datetime,
) -> list[Reject]:
    """One row per reason and boot; the same message again gives the same ids."""
    groups: dict[tuple[str, str | None], list[Refused]] = {}
    for reject in refused:
        groups.setdefault((reject.reason, reject.boot), []).append(reject)
    topic = storable(topic)
    digest = hashlib.sha256(payload).hexdigest()
    return [
        Reject(
            id=ids.derived("ingest", f"{topic}#{digest}", f"reject:{reason}:{boot}"),
            topic=topic[:MAX_TOPIC],
            source=address.source,
            stream=address.stream[:64],
            reason=reason,
            detail=group[0].detail,
            payload=_bytes(payload, group),
            size=len(payload),
            sha256=digest,
            boot=boot,
            seqs=merged([refusal.seq, refusal.seq] for refusal in group if refusal.seq is not None),
            elements=len(group),
            received_at=received_at,
        )
        for (reason, boot), group in groups.items()
    ]


def _bytes(payload: bytes, group: list[Refused]) -> bytes:
    """The elements meant, where they can be told from the others."""
    raws = [refused.raw for refused in group if refused.raw is not None]
    if len(raws) == len(group) and payload.lstrip()[:1] == b"[":
        return b"[" + b",".join(raws) + b"]"
    return payload[:MAX_BYTES]


def answer(address: Address, reject: Reject) -> Answer:
    """Tells the source not to send this again: by identity, else by the message's digest."""
    told: dict[str, object] = {"stream": reject.stream, "reason": reject.reason}
    if reject.boot is not None and reject.seqs:
        told |= {"boot": reject.boot, "seq": reject.seqs}
    else:
        told["sha256"] = reject.sha256
    return Answer(address.bucket, address.down, msgspec.json.encode({"reject": told}))
