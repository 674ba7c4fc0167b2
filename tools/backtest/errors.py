"""What a file of history is refused for."""

from pathlib import Path

from tools.local.errors import LocalError


class BadHistory(LocalError):
    """A file that cannot be read as it is; the message names it, the line and what to do."""

    def __init__(self, file: Path, what: str) -> None:
        super().__init__(f"{file}: {what}")
