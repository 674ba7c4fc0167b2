"""What can go wrong with the local servers; each message says what to do about it."""

from pathlib import Path


class LocalError(Exception):
    """Base of every error of the local servers; its text is meant for the person who started them."""


class SomethingMissing(LocalError):
    """A program or file that a server needs is not on this machine."""

    def __init__(self, what: str, how: str) -> None:
        super().__init__(f"{what} is missing.\n{how}")
        self.what = what
        self.how = how


class DidNotStart(LocalError):
    """A server ended, or was not healthy in time; carries the end of its log."""

    def __init__(self, name: str, why: str, log: Path) -> None:
        super().__init__(f"{name} {why}.\nIts log: {log}\n{log_tail(log)}".rstrip())
        self.name = name
        self.log = log


class FolderBusy(LocalError):
    """Another command is starting or stopping servers in the same folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another command is starting or stopping the servers in {folder}. Wait for it, or "
            "name another folder."
        )


def log_tail(log: Path, lines: int = 15) -> str:
    """Return the last `lines` lines of a log, indented; empty when there is none."""
    if not log.exists():
        return ""
    text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
    return "\n".join(f"  | {line}" for line in text)
