"""Takes out of the image what no service needs: `python -I deploy/trim.py /`, the last step of its build.

Afterwards Python is the only program: no shell, no package manager, nothing that runs as another
user than who starts it, and no code that its own user could change. Needs the standard library only.
"""

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

# everything in these goes but Python itself
PROGRAMS = (
    "bin",
    "sbin",
    "usr/bin",
    "usr/sbin",
    "usr/games",
    "usr/local/bin",
    "usr/local/sbin",
    "opt/venv/bin",
)
# Python's own way to bring pip; Debian's: how to fetch, unpack and configure packages. The list of
# what is installed (var/lib/dpkg/status) stays: whoever looks for known vulnerabilities reads it.
MORE = (
    "usr/lib/apt",
    "usr/lib/dpkg",
    "usr/libexec/dpkg",
    "usr/share/dpkg",
    "usr/share/bug",
    "usr/share/python-wheels",
    "usr/share/perl5",
    "etc/apt",
    "etc/init.d",
    "etc/cron.daily",
    "var/lib/apt",
    "var/lib/dpkg/info",
    "var/cache",
    "var/log",
)
BRINGS_PACKAGES = ("pip", "setuptools", "wheel", "ensurepip")
SCRATCH = {"tmp", "var/tmp", "run", "dev", "proc", "sys"}
OURS = ("app", "opt/venv")
NO_EXTRA_RIGHTS = ~(stat.S_ISUID | stat.S_ISGID)
NOT_FOR_OTHERS_TO_WRITE = ~(stat.S_IWGRP | stat.S_IWOTH)


def is_python(name: str) -> bool:
    """Whether a program in a folder of programs is Python itself.

    >>> [is_python(name) for name in ("python", "python3.11", "pip", "python3.11-config", "sh")]
    [True, True, False, False, False]
    """
    return name.startswith("python") and not name.removeprefix("python").strip(".0123456789")


def everything(root: Path) -> Iterator[Path]:
    """All below `root` on the same file system, without following links, and what is mounted."""
    device = root.lstat().st_dev
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        folders[:] = [
            name
            for name in folders
            if (here / name).is_symlink() or (here / name).lstat().st_dev == device
        ]
        yield from (here / name for name in (*folders, *files))


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with what it holds; what is not there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def take_out(root: Path) -> None:
    """Remove every program but Python, and what brings packages."""
    for folder in PROGRAMS:
        programs = root / folder
        if programs.is_symlink() or not programs.is_dir():
            continue  # /bin is /usr/bin where it is a link
        for program in programs.iterdir():
            if not is_python(program.name):
                remove(program)
    for name in MORE:
        remove(root / name)
    for libraries in (*root.glob("usr/lib/python3*"), *root.glob("usr/local/lib/python3*")):
        for name in BRINGS_PACKAGES:
            for found in (*libraries.rglob(name), *libraries.rglob(f"{name}-*.dist-info")):
                remove(found)


def close(root: Path) -> None:
    """Take away extra rights, and the right to write from all but root."""
    for path in everything(root):
        if path.is_symlink():
            continue
        inside = path.relative_to(root)
        before = after = stat.S_IMODE(path.lstat().st_mode)
        after &= NO_EXTRA_RIGHTS
        if not any(part in SCRATCH for part in map(str, (inside, *inside.parents))):
            after &= NOT_FOR_OTHERS_TO_WRITE
        if any(inside.is_relative_to(ours) for ours in OURS):  # however it lay in the checkout
            after |= stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
            if path.is_dir() or after & stat.S_IXUSR:
                after |= stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
        if after != before:
            path.chmod(after)
        with contextlib.suppress(OSError):  # most files have none
            os.removexattr(path, "security.capability", follow_symlinks=False)


def main() -> None:
    """Trim the root that is named."""
    if len(sys.argv) != 2:
        sys.exit("name the root of the image: python -I deploy/trim.py /")
    root = Path(sys.argv[1])
    if not all((root / ours).is_dir() for ours in OURS):
        sys.exit(f"{root} is no root of our image: it has no {' and no '.join(OURS)}")
    take_out(root)
    close(root)


if __name__ == "__main__":
    main()
