"""`python -m tools.supervisor FOLDER FD`: starts everything, tells FD how it went, and watches over it."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from shared import clock
from tools.installation import Installation
from tools.local import identity, process
from tools.local.errors import LocalError
from tools.screens.say import Progress
from tools.screens.screen import Screen
from tools.supervisor.begin import record_of
from tools.supervisor.watch import Watch


async def supervise(here: Installation, ready: TextIOWrapper) -> None:
    """Until SIGTERM, which ends this process alone, or at once what it was just starting."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        watched = await here.up(Progress(Screen()))
    except LocalError as problem:
        tell(ready, {"problem": str(problem)})
        return
    tell(ready, {"admin_link": here.admin_link})
    into_log(here.folder / "logs" / "supervisor.log")
    say(f"watches over {', '.join(service.name for service in watched)}")
    await Watch(here.folder, watched, say).run()


def tell(ready: TextIOWrapper, what: dict[str, Any]) -> None:
    """Say once how it went."""
    ready.write(json.dumps(what))
    ready.close()


def say(sentence: str) -> None:
    """Write a line into the log."""
    sys.stdout.write(f"{clock.wall_now():%Y-%m-%dT%H:%M:%SZ} {sentence}\n")
    sys.stdout.flush()


def into_log(path: Path) -> None:
    """From now on write there instead of to the terminal, which goes away."""
    sys.stdout.flush()
    sys.stderr.flush()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def main() -> None:
    """Run; a cancelled start has stopped what it had begun."""
    folder, descriptor = Path(sys.argv[1]), int(sys.argv[2])
    os.umask(process.PRIVATE)
    here = Installation(folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as ready:
        identity.save(identity.identify(os.getpid()), record_of(here.folder))
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(supervise(here, ready))


if __name__ == "__main__":
    main()
