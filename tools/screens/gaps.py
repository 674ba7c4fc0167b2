"""Which numbers are missing, on a terminal: a line per source, stream, boot and cause."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tools.gaps.find import NOBODY, Gap
from tools.screens.screen import cell, shown

LINES = 200


def draw(gaps: Sequence[Gap], out: Console) -> None:
    """Print what nothing explains first."""
    if not gaps:
        out.print("Nothing is missing.", style="green")
        return
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("source", "stream", "boot", "numbers", "missing in", "why", "stream since"):
        table.add_column(column, overflow="fold")
    ordered = sorted(gaps, key=lambda gap: (bool(gap.why), gap.of, gap.first))
    for gap in ordered[:LINES]:
        span = str(gap.first) if gap.first == gap.last else f"{gap.first}-{gap.last}"
        since = "-" if gap.since is None else f"{gap.since:%Y-%m-%d %H:%M}"
        why = cell(shown(gap.why)) if gap.why else f"[red]{unexplained(gap)}[/]"
        table.add_row(cell(gap.of.source), gap.of.stream, gap.of.boot, span, gap.where, why, since)
    out.print(table)
    bare = [gap for gap in gaps if not gap.why]
    out.print(
        f"\n{len(gaps)} gaps, {len(bare)} of them unexplained"
        + (f"; {len(gaps) - LINES} are not shown: name a source" if len(gaps) > LINES else "")
    )


def unexplained(gap: Gap) -> str:
    """What an unexplained gap means."""
    if gap.where == NOBODY:
        return "never arrived, or is still on its way"
    return "others have it: is it behind? ./playcaller status, then reconcile"
