"""A call for calendar programs: one event of RFC 5545, in UTC, so that no zone has to be described."""

from dataclasses import dataclass
from datetime import UTC, datetime

MOST_OCTETS = 75  # of a line, without its end (RFC 5545, 3.1)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One call.

    Attributes:
        version: counts its changes: programs take the highest.
        url: where it is moved or cancelled.
    """

    id: str
    version: int
    title: str
    says: str
    url: str
    start: datetime
    end: datetime
    written: datetime
    cancelled: bool = False


def calendar_file(event: CalendarEvent) -> str:
    """The file; the same call gives the same one."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Playcaller//Calls//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if event.cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{event.id}",
        f"SEQUENCE:{event.version}",
        f"DTSTAMP:{_utc(event.written)}",
        f"DTSTART:{_utc(event.start)}",
        f"DTEND:{_utc(event.end)}",
        f"SUMMARY:{_text(event.title)}",
        f"DESCRIPTION:{_text(event.says)}",
        f"URL:{event.url}",
        f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(said: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    escaped = said.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """A line in pieces, none longer than allowed and no sign cut in two."""
    pieces, piece, room = [], b"", MOST_OCTETS
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", MOST_OCTETS - 1  # a blank begins what goes on
        piece += octets
    return "\r\n ".join(part.decode() for part in (*pieces, piece))
