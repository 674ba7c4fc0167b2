"""Progress of a longer command: one line per part, with the seconds it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Prints a part's line when it begins and ends, also where there is no terminal."""

    def __init__(self, out: Console) -> None:
        self._out = out

    @contextmanager
    def part(self, what: str) -> Iterator[None]:
        """Say what happens now, then how long it took; nothing more when it fails."""
        began = time.monotonic()
        with self._out.status(what):
            yield
        self._out.print(f"[green]✓[/] {what} [dim]{time.monotonic() - began:.1f} s[/]")
