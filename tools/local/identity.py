"""Which process is it really? A process id alone is reused; id and start together are not."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no stubs in the lock

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Identity:
    """A process, named so that a later process with the same id is told apart."""

    pid: int
    started: str
    ports: tuple[int, ...] = ()


def started(pid: int) -> str | None:
    """When the process with this id began; None when there is none, or only its zombie.

    A first thread that is a zombie while others still end counts as running: the process holds
    its ports and locks until the last one is gone (seen with Kafka after kill -9).
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1:
            return None
        if BOOT_ID.exists():
            # psutil's create_time follows corrections of the wall clock; ticks since boot do not.
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
            return f"{BOOT_ID.read_text(encoding='utf-8').strip()}:{stat.rpartition(')')[2].split()[19]}"
        return f"{process.create_time():.2f}"
    except (psutil.Error, FileNotFoundError, ProcessLookupError):
        return None


def identify(pid: int, *ports: int) -> Identity:
    """Name a running process. Raises ProcessLookupError when it has ended already."""
    since = started(pid)
    if since is None:
        raise ProcessLookupError(pid)
    return Identity(pid, since, ports)


def is_running(who: Identity) -> bool:
    """Does this very process still run?"""
    return started(who.pid) == who.started


def save(who: Identity, path: Path) -> None:
    """Write the record in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".new")
    half.write_text(json.dumps(asdict(who)), encoding="utf-8")
    half.replace(path)


def load(path: Path) -> Identity | None:
    """Read a record; None when there is none or it was cut off."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Identity(int(raw["pid"]), str(raw["started"]), tuple(raw["ports"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
