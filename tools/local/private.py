"""An installation's folder is its owner's: passwords, keys, mails and logs are in it."""

import os
import stat
from pathlib import Path

from tools.local import identity
from tools.local.errors import LocalError

OURS = ("lock", "run")  # what an installation has in its folder
OTHERS = 0o077


class NotPrivate(LocalError):
    """The folder is not ours to close, and others may look into it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Others may look into {folder}, and passwords, keys and mails would be in it. Name a "
            "folder that does not exist yet, or close this one:  chmod 700 " + str(folder)
        )


def folder(path: Path) -> None:
    """Make the folder of an installation, for its owner only; one of an earlier release is closed.

    Not while its servers run, whose user may be among those shut out.

    Raises: NotPrivate: it holds something else, or is somebody else's, and others may enter it.
    """
    if not path.exists():
        path.mkdir(mode=0o700, parents=True)
        path.chmod(0o700)  # whatever the umask
        return
    status = path.stat()
    if not status.st_mode & OTHERS:
        return
    names = {entry.name for entry in path.iterdir()}
    if status.st_uid != os.geteuid() or (names and names.isdisjoint(OURS)):
        raise NotPrivate(path)
    known = map(identity.load, (path / "run").glob("*.json"))
    if any(who is not None and identity.is_running(who) for who in known):
        return
    path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
