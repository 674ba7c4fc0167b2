"""The trials as a table for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tools.faults.trial import Outcome


def line(out: Console, outcome: Outcome) -> None:
    """One trial, when it is over."""
    word = "[green]ok[/]" if outcome.ok else "[red]WRONG[/]"
    seconds = "did not heal" if outcome.seconds is None else f"well after {outcome.seconds:.1f} s"
    out.print(
        f"{outcome.row:>5}  {word}  {outcome.name}: {seconds} (took {outcome.took_s:.0f} s)",
        soft_wrap=True,
    )
    for sentence in outcome.wrong:
        out.print(f"       ! {sentence}", style="red", markup=False, soft_wrap=True)


def show(out: Console, outcomes: Sequence[Outcome]) -> None:
    """All of them; the counts are of each trial alone."""
    table = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    for column in ("row", "fault"):
        table.add_column(column, no_wrap=True)
    for column in ("published", "acked", "in Kafka", "lost", "twice", "well after", "first said"):
        table.add_column(column, justify="right")
    table.add_column("")
    for outcome in outcomes:
        said = min(outcome.said.values(), default=None)
        table.add_row(
            outcome.row,
            outcome.name,
            *(str(n) for n in (outcome.published, outcome.acked, outcome.kafka)),
            *(str(n) for n in (outcome.lost, outcome.duplicate_effects)),
            "-" if outcome.seconds is None else f"{outcome.seconds:.1f} s",
            "-" if said is None else f"{said:.1f} s",
            "[green]ok[/]" if outcome.ok else "[red]wrong[/]",
        )
    out.print(table)
    wrong = sum(not outcome.ok for outcome in outcomes)
    out.print(f"{len(outcomes) - wrong} of {len(outcomes)} as they must be.")
