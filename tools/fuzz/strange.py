"""Payloads nobody foresaw: a good event with two or three strange things done to it at once.

Alone each of them has its test in tests/ingest; what ended ingest once were two at a time.
"""

import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tools.faults.device import written

BOOTS = ("9f1c2ab37d405e68", "00ffee11ccbb22aa", "abcdefabcdefabcd")
STREAMS_OF = {
    "usage": ("usage", "heartbeat", "dropped"),
    "fault": ("fault", "recovered", "dropped"),
    "lifecycle": ("setup_started", "firmware_updated", "integration_linked", "dropped"),
    "app": ("app_opened", "feature_used", "rating", "interest_shown", "app_error", "dropped"),
}
FIELDS: dict[str, dict[str, Any]] = {
    "usage": {"by": "person"},
    "heartbeat": {"every_s": 3600},
    "fault": {"code": "f1", "component": "lens"},
    "recovered": {"code": "f1", "component": "lens"},
    "firmware_updated": {"to_firmware": "2.1"},
    "integration_linked": {"integration": "alexa"},
    "feature_used": {"feature": "live"},
    "rating": {"stars": 4},
    "interest_shown": {"product": "cam-3"},
    "app_error": {"code": "e1"},
}
TEXTS = (
    "", " ", "a\0b", "\u202enoitacifiton", "\u2028", "\x7f", "\u009b31m", "e\u0301", "\u00e9", "ﬁ",
    "K\u212aelvin", "=1+1", "../..", "..", "%00", "'; DROP TABLE ledger; --", "<script>", "😀" * 60,
    "ann@example.org", "+49 170 1234567", "x" * 300, "x" * 9_000, "null", "NaN", "1e999", "TRUE",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "1e999", "-1e999", "NaN", "Infinity", "9" * 60, "9" * 9_000, "1.5", "1e2",
    "9007199254740991", "9007199254740992", "18446744073709551616", "0x10", "1_000", "true", "null",
)  # fmt: skip
CLOCKS = (
    "1970-01-01T00:00:05Z", "2036-02-07T06:28:17Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "2026-02-30T10:00:00Z", "2016-12-31T23:59:60Z", "2026-03-01T10:00:00", "2026-03-01 10:00:00z",
    "2026-W09-7T10:00:00Z", "2026-03-01T10:00:00+23:59", "20260301T100000Z", "yesterday", "",
)  # fmt: skip
RANGES: tuple[Any, ...] = (
    [[0, 2**53 - 1]], [[5, 3]], [[-1, 4]], [[1, 1]] * 600, [[0, 2**20]], [], [[1]], "all", [[1, 2, 3]],
)  # fmt: skip

Field = tuple[str, str]  # name and value, both as JSON text
Change = Callable[[list[Field], random.Random], None]


def _base(stream: str, seq: int, rng: random.Random, now: datetime) -> list[Field]:
    type_ = rng.choice(STREAMS_OF[stream])
    at = now - timedelta(seconds=rng.choice((0, 1, 60, 3_600, 90_000)))
    event: dict[str, Any] = {
        "type": type_, "boot": rng.choice(BOOTS), "seq": seq, "at": written(at),
        "sent": written(now),
    }  # fmt: skip
    if type_ == "dropped":
        event |= {"stream": stream, "ranges": [[1, 3]]}
    event |= FIELDS.get(type_, {})
    return [(json.dumps(name), json.dumps(value)) for name, value in event.items()]


def _value(rng: random.Random) -> str:
    kind = rng.randrange(6)
    if kind == 0:
        return json.dumps(rng.choice(TEXTS))
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(('"\\ud800"', '"\\udfff\\ud800"', '"a\\u0000b"', '"\\ud83d\\ude00"'))
    if kind == 3:
        depth = rng.choice((1, 5, 60, 2_000))
        return "[" * depth + "]" * depth
    if kind == 4:
        return json.dumps(rng.choice(CLOCKS))
    return json.dumps(rng.choice(RANGES))


def _some_field(fields: list[Field], rng: random.Random) -> None:
    n = rng.randrange(len(fields))
    fields[n] = (fields[n][0], _value(rng))


def _one_away(fields: list[Field], rng: random.Random) -> None:
    if len(fields) > 1:
        fields.pop(rng.randrange(len(fields)))


def _one_twice(fields: list[Field], rng: random.Random) -> None:
    name, value = rng.choice(fields)
    fields.append((name, rng.choice((value, _value(rng)))))


def _unknown(fields: list[Field], rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 3, 64, 70))):
        name = rng.choice((json.dumps(rng.choice(TEXTS)), f'"f{rng.randrange(99)}"', '"\\ud800"'))
        fields.append((name, _value(rng)))


def _clock(fields: list[Field], rng: random.Random) -> None:
    for n, (name, _) in enumerate(fields):
        if name in {'"at"', '"sent"'} and rng.random() < 0.7:
            fields[n] = (name, json.dumps(rng.choice(CLOCKS)))


def _order(fields: list[Field], rng: random.Random) -> None:
    rng.shuffle(fields)


CHANGES: tuple[Change, ...] = (_some_field, _one_away, _one_twice, _unknown, _clock, _order)


def event(stream: str, seq: int, rng: random.Random, now: datetime) -> str:
    """One event as JSON text, or nearly."""
    fields = _base(stream, seq, rng, now)
    for change in rng.sample(CHANGES, rng.choice((0, 1, 2, 2, 3))):
        change(fields, rng)
    return "{" + ",".join(f"{name}:{value}" for name, value in fields) + "}"


def payload(stream: str, seq: int, rng: random.Random, now: datetime) -> bytes:
    """One message: an event, an array of them, or an array of them and anything; sometimes cut.

    >>> rng, at = random.Random(1), datetime.fromisoformat("2026-03-01T00:00:00Z")
    >>> payload("usage", 7, rng, at) == payload("usage", 7, random.Random(1), at)
    True
    """
    dice = rng.random()
    if dice < 0.7:
        text = event(stream, seq, rng, now)
    else:
        many = [event(stream, seq + n, rng, now) for n in range(rng.choice((1, 2, 20)))]
        text = "[" + ",".join([*many, *rng.choice(([], ["null"], ["[]"], ["1e999"], ["{}"]))]) + "]"
    raw = text.encode("utf-8", "replace")
    if dice > 0.97:
        raw = raw[: rng.randrange(len(raw))]
    elif dice > 0.94:
        raw = bytes(rng.randrange(256) if rng.random() < 0.02 else byte for byte in raw)
    return raw[:60_000]
