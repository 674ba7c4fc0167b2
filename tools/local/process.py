"""Start and stop one background process, and be sure that it is the right one."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # no stubs in the lock

from tools.local.identity import Identity, is_running

ROOT = Path(__file__).resolve().parents[2]
POLL_S = 0.05  # a dead or healthy process is noticed within this
# Children of this very process: only their parent can collect them, else they stay as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}
_codes: dict[int, int] = {}  # of those that have ended, until somebody asks
PRIVATE = 0o077  # what others may not of the files of a child


def start(  # a process has that many sides
    command: Sequence[str],
    log: Path,
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    end_with_parent: signal.Signals | None = None,
) -> int:
    """Start `command` detached from the terminal and return its process id.

    Args:
        command: program and arguments.
        log: file that gets standard output and error, appended.
        env: the whole environment; None = ours.
        cwd: working directory; None = the project's root.
        user: numeric user and group to run as; None = ours.
        end_with_parent: signal the kernel sends it when we end, however we end (Linux only).
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if end_with_parent is not None and sys.platform == "linux" and shutil.which("setpriv"):
        command = ["setpriv", "--pdeathsig", end_with_parent.name[3:], "--", *command]
    log.touch(mode=0o600)
    with log.open("ab") as out:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd or ROOT,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the others in order
            umask=PRIVATE,
        )
    _children[child.pid] = child
    _codes.pop(child.pid, None)
    return child.pid


def collect() -> None:
    """Collect our own ended children, so that none of them lingers as a zombie."""
    for pid, child in list(_children.items()):
        if child.poll() is not None:
            del _children[pid]
            _codes[pid] = child.returncode


def exit_code(pid: int) -> int | None:
    """The exit code of an ended child of ours, once; minus the number of a signal. None: not known."""
    collect()
    return _codes.pop(pid, None)


def has_ended(who: Identity) -> bool:
    """Has this very process ended?"""
    collect()
    return not is_running(who)


async def stop(who: Identity, sig: signal.Signals = signal.SIGTERM, patience_s: float = 20) -> bool:
    """Ask the process to end, and end it by force after `patience_s` seconds.

    Ended by force (also with SIGKILL at once), its children end too, as in a power cut.
    Returns: True when it ended by itself, False when force was needed.
    """
    if has_ended(who):
        return True
    family = descendants(who.pid)
    if sig != signal.SIGKILL:
        _send(who.pid, sig)
        if await _ended_within(who, patience_s):
            return True
    _send(who.pid, signal.SIGKILL)
    for relative in family:
        if relative.is_running():
            _send(relative.pid, signal.SIGKILL)
    await _ended_within(who, 10)
    return False


async def _ended_within(who: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not has_ended(who):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_S)
    return True


def descendants(pid: int) -> list[psutil.Process]:
    """Return all living processes below this one; empty when it is gone."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def raise_open_files(wanted: int = 65_536) -> int:
    """Let us, and what we start from now on, open many files; return the limit reached.

    The broker holds one file per connected client.
    """
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    goal = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < goal:
        resource.setrlimit(resource.RLIMIT_NOFILE, (goal, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _send(pid: int, sig: signal.Signals) -> None:
    """Send a signal; a process that has ended meanwhile is no error."""
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        collect()
