"""The broker's password file and revocation list: written whole, replaced in one step, told by SIGHUP."""

import contextlib
import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

OWN = "own-passwords"  # accounts with a password that are no source, if any
PASSWORDS = "passwords"
REVOKED = "revoked.pem"


class BrokerFiles:
    """A folder that the broker reads; several processes of ingest may keep it.

    Args:
        folder: exists; new files get its owner.
        pid_file: of the broker; None: it notices changes by itself (deploy/mosquitto/run.sh).
    """

    def __init__(self, folder: Path, pid_file: Path | None) -> None:
        self._folder = folder
        self._pid_file = pid_file

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Only one process at a time reads the database and writes; a killed one leaves no lock.

        Raises: BlockingIOError: another is at it.
        """
        with (self._folder / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield

    def own(self) -> str:
        """The lines of accounts that are no source: the clock of simulated time, and tests'."""
        path = self._folder / OWN
        return path.read_text("ascii") if path.exists() else ""

    def write(self, name: str, content: bytes) -> bool:
        """Replace a file; False: it was the same already."""
        path = self._folder / name
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == content:
                return False
        half = path.with_suffix(".new")
        half.unlink(missing_ok=True)
        folder = self._folder.stat()
        half.touch(mode=0o640)  # the broker is the folder's owner, or of its group
        half.write_bytes(content)
        if os.geteuid() == 0:
            os.chown(half, folder.st_uid, folder.st_gid)
        os.replace(half, path)  # noqa: PTH105 - atomic on every system
        return True

    def reload(self) -> None:
        """Let the broker read them; nothing happens while it does not run."""
        if self._pid_file is None:
            return
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
            pid = int(self._pid_file.read_text("ascii"))
            if "mosquitto" in Path(f"/proc/{pid}/comm").read_text("utf-8"):  # ids are used again
                os.kill(pid, signal.SIGHUP)
