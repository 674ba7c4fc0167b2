"""How far a fleet is: a bar on a terminal, a plain line now and then elsewhere."""

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as RichProgress

from shared.clock import monotonic

LINE_EVERY_S = 10.0


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes:
        now: simulated time reached.
        remaining_s: estimated seconds of wall time, None at the very start.
    """

    step: int
    steps: int
    events: int
    acked: int
    now: datetime
    elapsed_s: float
    remaining_s: float | None
    what: str = "history"

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.elapsed_s if self.elapsed_s > 0 else 0.0


def sentence(reached: Progress) -> str:
    """Day, events, rate and remaining time.

    >>> from datetime import datetime
    >>> sentence(Progress(10, 40, 5000, 10, datetime(2026, 3, 1), 2.0, 6.0))
    '2026-03-01      5,000 events    2,500/s  6 s left'
    """
    left = "" if reached.remaining_s is None else f"{reached.remaining_s:.0f} s left"
    if reached.what != "history":
        left = reached.what
    return f"{reached.now:%Y-%m-%d}  {reached.events:>9,} events  {reached.rate:>7,.0f}/s  {left}"


class Bar:
    """Shows the progress of a run; `show` is its `on_progress`."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._line_at = 0.0
        self._task = TaskID(0)
        self._bar: RichProgress | None = None

    def __enter__(self) -> Self:
        if self._out.is_terminal:
            self._bar = RichProgress(
                BarColumn(), TextColumn("{task.description}"), console=self._out
            )
            self._task = self._bar.add_task("", total=1)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, reached: Progress) -> None:
        """Draw, or print a line every ten seconds and at the end of history."""
        text = sentence(reached)
        if self._bar is not None:
            self._bar.update(
                self._task, completed=reached.step, total=reached.steps, description=text
            )
        elif monotonic() >= self._line_at:
            self._line_at = monotonic() + LINE_EVERY_S
            self._out.print(f"  {text}")
