"""What a comparison of databases with Kafka has found."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tools.reconcile.verdicts import Line
from tools.screens.screen import cell, shown


def draw(lines: Sequence[Line], out: Console) -> None:
    """Print all of it, one line each, what is wrong in red."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("service", "what", "verdict"):
        table.add_column(column, overflow="fold")
    for line in lines:
        verdict = cell(shown(line.verdict))
        table.add_row(
            cell(line.service), cell(line.what), f"[red]{verdict}[/]" if line.wrong else verdict
        )
    out.print(table)
    wrong = sum(line.wrong for line in lines)
    if wrong:
        out.print(f"\n{wrong} need somebody: docs/how-to/at-3-am.md", style="red")
    else:
        out.print("\nDatabases and Kafka agree.", style="green")
