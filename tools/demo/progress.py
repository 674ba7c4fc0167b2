"""Progress of the history: a bar on a terminal, a line now and then elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from shared.clock import monotonic
from tools.fleet.fleet import Progress as Reached

LINE_EVERY_S = 10.0


class Bar:
    """Day reached, events, rate and remaining time."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._line_at = 0.0

    def __enter__(self) -> Self:
        if self._out.is_terminal:
            self._bar = Progress(
                TextColumn("{task.fields[day]}"),
                BarColumn(),
                TextColumn("{task.fields[events]:,} events  {task.fields[rate]:,.0f}/s  {task.fields[left]}"),
                console=self._out,
            )  # fmt: skip
            self._task = self._bar.add_task("", total=1, day="", events=0, rate=0.0, left="")
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

    def show(self, reached: Reached) -> None:
        """Draw, or print a line every ten seconds."""
        left = "" if reached.remaining_s is None else f"{reached.remaining_s:.0f} s left"
        if reached.what != "history":
            left = reached.what
        if self._bar is not None:
            self._bar.update(
                self._task,
                completed=reached.step,
                total=reached.steps,
                day=f"{reached.now:%Y-%m-%d}",
                events=reached.events,
                rate=reached.rate,
                left=left,
            )
        elif monotonic() - self._line_at >= LINE_EVERY_S:
            self._line_at = monotonic()
            self._out.print(
                f"  {reached.now:%Y-%m-%d}  {reached.events:>9,} events  {reached.rate:>7,.0f}/s  {left}"
            )
