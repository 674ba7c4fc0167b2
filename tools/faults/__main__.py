"""`python -m tools.faults [ROW ...]`: run the trials, print the table, write faults.json."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tools.faults import table
from tools.faults.run import run
from tools.faults.trial import rows_of
from tools.faults.trials import TRIALS
from tools.screens.screen import Screen

WIDE = 140  # columns where no terminal says how many there are


def main() -> int:
    """Exit code 0: every trial is as it must be."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("rows", nargs="*", help="only these rows; none: all of them")
    parser.add_argument("--selected", action="store_true", help="the selection of `make test`")
    parser.add_argument("--out", type=Path, default=Path("faults.json"))
    words = parser.parse_args()
    shows = {row: trial for trial in TRIALS for row in (trial.row, *trial.also)}
    if unknown := set(words.rows) - shows.keys():
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(sorted(shows))}")
    asked = [shows[row].row for row in words.rows or shows]
    wanted = [t for t in TRIALS if t.row in asked and (t.selected or not words.selected)]
    out = Screen() if sys.stdout.isatty() else Screen(width=WIDE)
    with tempfile.TemporaryDirectory(prefix="playcaller-faults-") as folder:
        outcomes = asyncio.run(run(wanted, Path(folder), lambda outcome: table.line(out, outcome)))
    table.show(out, outcomes)
    lines = [line for outcome in outcomes for line in rows_of(shows[outcome.row], outcome)]
    words.out.write_text(json.dumps([line.as_json() for line in lines], indent=1) + "\n", "utf-8")
    return 0 if all(outcome.ok for outcome in outcomes) else 1


sys.exit(main())
