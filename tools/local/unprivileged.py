"""Where servers that refuse to run as root get their user, their programs and their data.

PostgreSQL does not start as root. When we are root, it (and the broker) run as the user `nobody`,
whose way to a file may be barred by a folder above it, such as a root home with mode 0700. No
permission of an existing folder is changed: what cannot be reached gets a place under
`/var/lib/playcaller` instead.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

ELSEWHERE = Path("/var/lib/playcaller")
OWNER = "for"  # file beside the data that names the folder linked to it


def user() -> int | None:
    """The numeric user that servers run as; None = as ourselves, because we are not root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def can_reach(folder: Path) -> bool:
    """May the servers' user walk down to this folder?"""
    if user() is None:
        return True
    return all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))


def make_public(folder: Path) -> None:
    """Make a folder of ours under ELSEWHERE that anybody may walk through, whatever the umask."""
    for step in reversed([folder, *folder.parents]):
        if not step.exists():
            step.mkdir()
            step.chmod(0o755)


def data_folder(wanted: Path) -> Path:
    """Make a folder that belongs to the servers' user and return where it really is.

    `wanted` is that folder, or a link to it when the user could not reach it there.
    """
    wanted = wanted.absolute()
    if wanted.exists() and (wanted.is_symlink() or can_reach(wanted.parent.resolve())):
        return wanted.resolve()
    wanted.parent.mkdir(parents=True, exist_ok=True)
    if can_reach(wanted.parent.resolve()):
        wanted.mkdir(mode=0o700)
        give(wanted)
        return wanted
    return _elsewhere(wanted)


def _elsewhere(wanted: Path) -> Path:
    """Make a place that the servers' user can reach, and `wanted` a link to it."""
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    sweep()
    real = ELSEWHERE / "data" / digest / wanted.name
    shutil.rmtree(real, ignore_errors=True)  # left by a folder deleted by hand
    make_public(real.parent)
    if wanted.is_symlink():
        wanted.unlink()
    if wanted.exists():  # an earlier release's, from before the folder above it was closed
        shutil.move(wanted, real)
    else:
        real.mkdir(mode=0o700)
    wanted.symlink_to(real)
    (real.parent / OWNER).write_text(str(wanted), encoding="utf-8")
    for path in (real, *real.rglob("*")):  # a move to another disk makes all of it ours
        give(path)
    return real


def sweep() -> None:
    """Delete data whose folder was deleted by hand: nothing links to it any more."""
    for note in (ELSEWHERE / "data").glob(f"*/{OWNER}"):
        with contextlib.suppress(FileNotFoundError):  # another sweep was faster
            if not Path(note.read_text(encoding="utf-8")).is_symlink():
                shutil.rmtree(note.parent)


def programs(site: Path, parts: Sequence[str]) -> Path:
    """Return `site`, or a copy of these parts of it that the servers' user can read and run.

    The parts keep their places to each other: programs find their libraries by that.
    """
    first = site / parts[0]
    readable = first.stat().st_mode & stat.S_IROTH
    if user() is None or (readable and can_reach(first.resolve())):
        return site
    mark = f"{site}:{first.stat().st_mtime_ns}:{parts}"
    copy = ELSEWHERE / "programs" / hashlib.sha256(mark.encode()).hexdigest()[:12]
    if not copy.exists():
        half = copy.with_name(f"{copy.name}.{os.getpid()}")
        make_public(half)
        for part in parts:
            shutil.copytree(site / part, half / part)
        for path in half.rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            half.rename(copy)
        except OSError:  # somebody else was faster
            shutil.rmtree(half)
    return copy


def give(path: Path) -> None:
    """Hand one file or folder that we made over to the servers' user."""
    if (who := user()) is not None:
        os.chown(path, who, who)


def empty(folder: Path) -> None:
    """Delete all that is in a folder."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def remove(wanted: Path) -> None:
    """Delete a data folder, at its real place too."""
    if wanted.is_symlink():
        real = wanted.resolve()
        wanted.unlink()
        shutil.rmtree(real.parent, ignore_errors=True)
    else:
        shutil.rmtree(wanted, ignore_errors=True)
