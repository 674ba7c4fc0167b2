"""A fleet's messages as a file of JSON lines, and back onto any broker.

One line per message, `{"topic", "payload", "sent"}` (bytes that are not text: `"base64"` instead of
`payload`), one per beacon, `{"now", "step_s"}`, and one per day of the vendor's work, `{"work"}`.
The first line describes the whole. Recordings of real devices play too: `topic` and `payload` are
enough.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from tools.fleet.delivery import Packet, Source
from tools.fleet.errors import BadRecording
from tools.fleet.source import Entry, StreamName
from tools.fleet.vendor import Work

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Head(msgspec.Struct):
    """First line: what the file holds."""

    fleet: int  # version of this format
    customers: int
    days: float
    seed: int
    start: int
    end: int


class Line(msgspec.Struct, omit_defaults=True):
    """Any other line: a message, a beacon, or a day's work."""

    topic: str | None = None
    payload: str | None = None
    base64: str | None = None
    sent: int | None = None
    now: str | None = None
    step_s: float | None = None
    work: dict[str, Any] | None = None

    def bytes(self) -> bytes:
        """The message's payload."""
        if self.base64 is not None:
            return base64.b64decode(self.base64)
        return (self.payload or "").encode()


class Recorder:
    """Writes lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.messages = 0

    def head(self, head: Head) -> None:
        """The first line."""
        self._line(head)

    def packets(self, packets: Iterable[tuple[Source, Sequence[Packet]]]) -> None:
        """A step's messages."""
        for source, some in packets:
            for packet in some:
                self.message(source.topic(packet.stream.name), packet.payload, packet.sent)

    def message(self, topic: str, payload: bytes, sent: int) -> None:
        """One message."""
        self.messages += 1
        try:
            self._line(Line(topic=topic, payload=payload.decode(), sent=sent))
        except UnicodeDecodeError:
            text = base64.b64encode(payload).decode()
            self._line(Line(topic=topic, base64=text, sent=sent))

    def beacon(self, now: str, step_s: float) -> None:
        """The end of a step."""
        self._line(Line(now=now, step_s=step_s))

    def work(self, work: Work) -> None:
        """A day's work of the vendor."""
        self._line(Line(work=vars(work)))

    def _line(self, line: Head | Line) -> None:
        self._file.write(_encode(line) + b"\n")


def lines(path: Path) -> Iterator[Line]:
    """The lines of a recording after its head. Raises BadRecording with the line's number."""
    read = msgspec.json.Decoder(Line).decode
    with path.open("rb") as file:
        for number, text in enumerate(file, 1):
            if number == 1 and b'"fleet"' in text:
                continue
            try:
                yield read(text)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise BadRecording(path, number, error) from error


def work_of(line: Mapping[str, Any]) -> Work:
    """The day's work of a line."""
    return Work(**{name: [_tuple(row) for row in rows] for name, rows in line.items()})


def elements(payload: bytes) -> list[dict[str, Any]]:
    """The numbered events in a payload; none when it cannot be read (it is sent all the same)."""
    try:
        read = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    return [entry for entry in (read if isinstance(read, list) else [read]) if _is_numbered(entry)]


def entry_of(element: Mapping[str, Any]) -> Entry:
    """An event as a ring keeps it: its time stays the text it is, `sent` is new at each sending."""
    own = {k: v for k, v in element.items() if k not in ("type", "boot", "seq", "sent")}
    return Entry(int(element["seq"]), 0.0, str(element["type"]), own)


def address(topic: str) -> tuple[str, str, StreamName]:
    """(`devices` or `apps`, id, stream) of `pc/v1/{bucket}/{kind}/{id}/up/{stream}`.

    >>> address("pc/v1/a/apps/app-1/up/app")
    ('apps', 'app-1', 'app')
    """
    _, _, _, kind, source, _, stream = topic.split("/")
    return kind, source, stream  # type: ignore[return-value]  # a foreign stream is sent as it is


def _is_numbered(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("seq"), int)
        and isinstance(entry.get("boot"), str)
        and isinstance(entry.get("type"), str)
    )


def _tuple(row: object) -> Any:
    return tuple(row) if isinstance(row, list) else row
