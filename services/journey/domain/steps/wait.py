"""Lets time pass: a span, and if wanted until a time of day where the customer lives."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar

from services.journey.domain.days import moment_of, seconds
from services.journey.domain.plays.reading import Part
from services.journey.domain.steps.step import Kind, Look, Outcome, Waits, Words
from shared.calendars.wall import instant, shown

OVER = "over"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits.

    Attributes:
        until: and then on to this time of day on the customer's wall.
    """

    kind: ClassVar[str] = "wait"
    span_s: int
    until: time | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """It only ever ends."""
        return (OVER,)

    @property
    def waits(self) -> bool:
        """That is all it does."""
        return True

    def look(self, at: Look) -> Waits | Outcome:
        """Over as soon as its moment has come; the zone is the one the customer has now."""
        end = self.end(at.since + at.paused_s, at.known.zone)
        return Outcome(OVER, end) if end <= at.now else Waits(end)

    def end(self, since: int, zone: str) -> int:
        """When it is over."""
        end = since + self.span_s
        if self.until is None:
            return end
        earliest = moment_of(end)
        on = shown(earliest, zone).date()
        at_time = instant(_at(on, self.until), zone)
        return seconds(at_time if at_time >= earliest else instant(_at(on + DAY, self.until), zone))


def _at(day: date, of_day: time) -> datetime:
    return datetime.combine(day, of_day)


def _read(step: Part, words: Words) -> Wait:
    del words
    until = step.field("until")
    return Wait(step.field("wait").span(), until.time() if until.is_there else None)


KIND = Kind(
    "wait", ("until",), "Lets time pass, `2d`, `3h`; `until` a time of day there.", _read,
    example="{step: time of their own, wait: 2h, until: \"09:00\"}",
)  # fmt: skip
