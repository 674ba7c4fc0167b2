"""Log lines of servers and services, JSON ones in a form for people."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from tools.local.errors import LocalError

POLL_S = 0.5
TAIL_BYTES = 256 * 1024
# Shown first, or only noise on a terminal; everything else follows as name=value.
KNOWN = ("time", "at", "timestamp", "level", "message", "msg", "event", "service", "logger")


def show(folder: Path, service: str | None, lines: int, *, follow: bool, out: Console) -> None:
    """Print the last `lines` lines of each log; with `follow`, what is added until Ctrl-C."""
    files = find(folder, service)
    for path in files:
        for line in tail(path, lines):
            print_line(path.stem, line, out, named=len(files) > 1)
    if follow:
        for path, line in added(files):
            print_line(path.stem, line, out, named=len(files) > 1)


def find(folder: Path, service: str | None) -> list[Path]:
    """Return the log files. Raises LocalError naming those that exist."""
    there = sorted((folder / "logs").glob("*.log"))
    if service is None and there:
        return [path for path in there if not path.stem.endswith(".migrate")]
    chosen = [path for path in there if path.stem == service]
    if not chosen:
        names = ", ".join(path.stem for path in there) or "none; start with ./playcaller up"
        raise LocalError(f"There is no log of {service or 'anything'} in {folder}. Logs: {names}")
    return chosen


def tail(path: Path, lines: int) -> list[str]:
    """Return the last lines of a file without reading all of a long one."""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - TAIL_BYTES))
        text = log.read().decode(errors="replace").split("\n")
    whole = text[:-1] if text[-1] == "" else text
    return whole[-lines:] if lines > 0 else []


def added(files: list[Path]) -> Iterator[tuple[Path, str]]:
    """Yield lines as they are added to any of the files."""
    at = {path: path.stat().st_size for path in files}
    while True:
        for path in files:
            if path.stat().st_size < at[path]:
                at[path] = 0  # begun anew
            with path.open("rb") as log:
                log.seek(at[path])
                new = log.read()
            whole = new.rpartition(b"\n")[0]
            if whole:
                at[path] += len(whole) + 1
                for line in whole.decode(errors="replace").split("\n"):
                    yield path, line
        time.sleep(POLL_S)


def print_line(name: str, line: str, out: Console, *, named: bool) -> None:
    """Print one line, with the name of its log where several are shown."""
    head = f"{name:<10} " if named else ""
    out.print(head + readable(line), markup=False, soft_wrap=True)


def readable(line: str) -> str:
    """Return a JSON log line as `time LEVEL message name=value ...`, any other as it is.

    >>> readable('{"time":"07:00Z","level":"INFO","message":"ready","port":80}')
    '07:00Z INFO ready port=80'
    >>> readable("plain words")
    'plain words'
    """
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict):
        return line
    first = [next((str(entry[k]) for k in names if k in entry), "") for names in _ORDER]
    rest = [f"{name}={value}" for name, value in entry.items() if name not in KNOWN]
    said = " ".join(part for part in (*first, *rest) if part)
    return said.replace("\n", "\n  | ")  # lines within a text begin as no line of a log does


_ORDER = (("time", "at", "timestamp"), ("level",), ("message", "msg", "event"))
