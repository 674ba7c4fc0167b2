"""Start the supervisor of a folder, find it, end it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.local import identity, process
from tools.local.errors import LocalError
from tools.local.identity import Identity

NAME = "supervisor"
STOP_S = 60.0  # what it was just starting is stopped before it ends


def record_of(folder: Path) -> Path:
    """Where its process is written down."""
    return folder / "run" / f"{NAME}.json"


def find(folder: Path) -> Identity | None:
    """The running one of this folder."""
    who = identity.load(record_of(folder))
    return who if who is not None and identity.is_running(who) else None


async def end(folder: Path) -> None:
    """End it; what it watches goes on."""
    if (who := find(folder)) is not None:
        await process.stop(who, patience_s=STOP_S)
    record_of(folder).unlink(missing_ok=True)


def begin(folder: Path) -> str | None:
    """Start everything of a folder under a supervisor, which stays; returns when all is ready.

    What goes on the screen meanwhile is the supervisor's; Ctrl-C reaches us alone, and we pass it on.

    Returns: a link for the first admin, where there is none.
    Raises: LocalError: not all could be started.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, "r", encoding="utf-8") as ready:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "tools.supervisor", str(folder), str(writing)],
            stdin=subprocess.DEVNULL,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        try:
            told = ready.read()
        except BaseException:
            child.terminate()
            child.wait(STOP_S)
            raise
    if not told:
        raise LocalError(f"The start ended with exit code {child.wait(STOP_S)}.")
    said: dict[str, Any] = json.loads(told)
    if "problem" in said:
        child.wait(STOP_S)
        raise LocalError(said["problem"])
    child.returncode = 0  # it stays: nobody of us waits for it
    link: str | None = said["admin_link"]
    return link
