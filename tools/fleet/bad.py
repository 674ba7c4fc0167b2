"""Payloads that deserve to be refused, one or more per reason, sent on purpose by prototypes.

The reasons are ingest's names (`services/ingest/domain/rejects/reasons.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from tools.fleet.household import bucket

BOOT = "bad0bad0bad0bad0"
STREAM = "usage"


@dataclass(frozen=True, slots=True)
class Bad:
    """Attributes: reason: why it will be refused; topic: where it is published."""

    reason: str
    topic: str
    payload: bytes


def prototypes(seed: int) -> tuple[str, str, str]:
    """Ids of three test devices: one registered, one retired, one that nobody has registered."""
    return f"prototype-{seed}-a", f"prototype-{seed}-retired", f"prototype-{seed}-stranger"


def topic(source: str, stream: str = STREAM) -> str:
    """Where a prototype publishes."""
    return f"pc/v1/{bucket(source)}/devices/{source}/up/{stream}"


def bad_payloads(seed: int, at: str) -> list[Bad]:
    """All of them; `at` is a time that would be accepted."""
    known, retired, stranger = prototypes(seed)
    messages = [Bad(reason, topic(known), payload) for reason, payload in _payloads(at)]
    good = _encode(_event(at, 900))
    messages.append(Bad("unknown_stream", topic(known, "gossip"), good))
    messages.append(Bad("retired", topic(retired), good))
    messages.append(Bad("unknown_device", topic(stranger), good))
    return messages


def unsequenced(at: str) -> list[bytes]:
    """Valid events of a source that keeps no counter: a weaker promise, counted apart."""
    return [
        _encode({"type": "usage", "at": at, "sent": at, "by": "person", "command": command})
        for command in ("wave", "press", "turn")
    ]


def _payloads(at: str) -> Iterator[tuple[str, bytes]]:
    good = _event(at, 1)
    yield "empty", b""
    yield "not_utf8", b'{"type":"usage","note":"\xff\xfe"}'
    yield "malformed_json", b'{"type":"usage","boot":'
    yield "too_large", _encode({**good, "note": "x" * 70_000})
    yield "too_deep", b"[" * 2_000 + b"]" * 2_000
    yield "not_an_object", b'"usage"'
    yield "too_many_elements", _encode([_event(at, 1_000 + n) for n in range(501)])
    yield "unknown_type", _encode({**_event(at, 2), "type": "teleported"})
    yield "wrong_stream", _encode({**_event(at, 3), "type": "fault", "code": "x"})
    yield "missing_field", _encode({k: v for k, v in _event(at, 4).items() if k != "by"})
    yield "wrong_type", _encode({**_event(at, 5), "count": "many"})
    yield "out_of_range", _encode({**_event(at, 6), "by": "robot"})
    yield "bad_seq", _encode({**good, "seq": -1})
    yield "bad_seq", _encode({**good, "seq": 2**53})
    yield "bad_boot", _encode({**_event(at, 7), "boot": "9f1c"})
    yield "bad_time", _encode({**_event(at, 8, sent=False), "at": "9999-12-31T23:59:59Z"})
    yield "source_mismatch", _encode({**_event(at, 9), "source": "somebody-else"})
    yield "too_many_fields", _encode({**_event(at, 10), **{f"f{n}": n for n in range(65)}})


def _event(at: str, seq: int, *, sent: bool = True) -> dict[str, Any]:
    element = {"type": "usage", "boot": BOOT, "seq": seq, "at": at, "by": "person"}
    return {**element, "sent": at} if sent else element


_encode = msgspec.json.Encoder().encode


def down(source: str) -> str:
    """Where a prototype is answered."""
    return f"pc/v1/{bucket(source)}/devices/{source}/down"


def source_of(topic_: str) -> str:
    """The id in a topic."""
    return topic_.split("/")[4]
