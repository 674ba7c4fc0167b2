"""How often a process died, and when it is started next: pure."""

import signal
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

FIRST_S = 1.0
MOST_S = 60.0
STEADY_S = 60.0  # who ran that long died of something else than its start
TOLD = timedelta(minutes=10)  # a death that was cured is told for so long
OWN_END = 70  # a service that saw that only a new process helps


@dataclass(frozen=True)
class Deaths:
    """Of one process.

    Attributes:
        count: since the system was started.
        in_a_row: without a steady run in between; one more doubles the wait.
        at: the last one.
        ran_s: for how long it had run.
        how: exit code or signal, in words.
        next_try: when it is started again; None: it has been.
    """

    count: int
    in_a_row: int
    at: datetime
    ran_s: float
    how: str
    next_try: datetime | None

    def to_json(self) -> dict[str, Any]:
        """For the file that `status` reads."""
        return {
            **asdict(self),
            "at": self.at.isoformat(),
            "next_try": None if self.next_try is None else self.next_try.isoformat(),
        }

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> "Deaths":
        """What `to_json` made. Raises KeyError, TypeError, ValueError: it is something else."""
        next_try = read["next_try"]
        return cls(
            int(read["count"]),
            int(read["in_a_row"]),
            datetime.fromisoformat(read["at"]),
            float(read["ran_s"]),
            str(read["how"]),
            None if next_try is None else datetime.fromisoformat(next_try),
        )


def wait_s(in_a_row: int) -> float:
    """How long to wait after so many deaths in a row.

    >>> [wait_s(n) for n in (1, 2, 3, 7, 1_000)]
    [1.0, 2.0, 4.0, 60.0, 60.0]
    """
    return min(MOST_S, FIRST_S * 2.0 ** min(in_a_row - 1, 10))


def died(before: Deaths | None, how: str, ran_s: float, now: datetime) -> Deaths:
    """What is known after one more death at `now`."""
    count, in_a_row = (before.count, before.in_a_row) if before is not None else (0, 0)
    in_a_row = 1 if ran_s >= STEADY_S else in_a_row + 1
    return Deaths(count + 1, in_a_row, now, ran_s, how, now + timedelta(seconds=wait_s(in_a_row)))


def ended_with(code: int | None) -> str:
    """An exit code in words, as Python gives it: minus the number of a signal.

    >>> ended_with(2), ended_with(-9), ended_with(70), ended_with(None)
    ('exit code 2', 'signal 9 (SIGKILL)', 'exit code 70 (it was stuck and left)', 'an unknown exit code')
    """
    if code is None:
        return "an unknown exit code"
    if code < 0:
        known = {Signal.value: Signal.name for Signal in signal.Signals}
        return f"signal {-code} ({known.get(-code, 'unknown')})"
    return f"exit code {code}{' (it was stuck and left)' if code == OWN_END else ''}"


def said(name: str, deaths: Deaths, now: datetime) -> str:
    """All of it in a sentence."""
    times = "once" if deaths.count == 1 else f"{deaths.count} times"
    text = (
        f"{name} died {times} since `up`, the last time at {deaths.at:%H:%M:%S} UTC"
        f" after {deaths.ran_s:.0f} s with {deaths.how}"
    )
    if deaths.next_try is None:
        return f"{text}; it was started again"
    left_s = max(0.0, (deaths.next_try - now).total_seconds())
    return f"{text}; next try at {deaths.next_try:%H:%M:%S}, in {left_s:.0f} s"


def needs_somebody(deaths: Deaths, now: datetime) -> bool:
    """Is it down, or does it keep dying? A death that was cured at once needs nobody."""
    return deaths.next_try is not None or (deaths.in_a_row > 1 and now - deaths.at < TOLD)


def is_told(deaths: Deaths, now: datetime) -> bool:
    """Does `status` still speak of it?"""
    return needs_somebody(deaths, now) or now - deaths.at < timedelta(days=1)
