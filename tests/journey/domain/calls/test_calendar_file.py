"""Calendar files as RFC 5545 has them: read back by a reader of our own, line by line."""

from dataclasses import replace
from datetime import UTC, datetime

from services.journey.domain.calls.calendar_file import CalendarEvent, calendar_file

START = datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
EVENT = CalendarEvent(
    "c-1", 3, "A call; about cameras, and more", "Another time, or none:\nhttps://us.example.org/book/x",
    "https://us.example.org/book/x", START, START.replace(minute=45), START.replace(day=1, hour=0),
)  # fmt: skip


def read(file: str) -> dict[str, str]:
    """Unfolded and unescaped."""
    lines = file.replace("\r\n ", "").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return {
        name: value.replace("\\n", "\n")
        .replace("\\;", ";")
        .replace("\\,", ",")
        .replace("\\\\", "\\")
        for name, _, value in pairs
    }


def test_what_a_calendar_program_reads():
    found = read(calendar_file(EVENT))
    assert found["DTSTART"], found["DTEND"] == ("20260701T133000Z", "20260701T134500Z")
    assert (found["UID"], found["SEQUENCE"], found["STATUS"]) == ("c-1", "3", "CONFIRMED")
    assert found["METHOD"] == "PUBLISH"
    assert found["SUMMARY"] == EVENT.title
    assert found["DESCRIPTION"] == EVENT.says
    gone = read(calendar_file(replace(EVENT, cancelled=True)))
    assert (gone["METHOD"], gone["STATUS"], gone["UID"]) == ("CANCEL", "CANCELLED", "c-1")


def test_no_line_is_longer_than_75_octets_and_no_sign_is_cut():
    title = "Ein Gespräch über 🎥 " * 20
    file = calendar_file(replace(EVENT, title=title))
    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    assert "\n" not in file.replace("\r\n", "")
    assert read(file)["SUMMARY"] == title


def test_what_people_write_makes_no_line_of_its_own():
    file = calendar_file(replace(EVENT, title="a\r\nSTATUS:CANCELLED\nb\x85c\u2028d"))
    assert file.count("STATUS:") == 2
    assert read(file)["SUMMARY"] == "a\nSTATUS:CANCELLED\nb\nc\nd"
