"""Python 3.11, the virtual environment and the locked packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
WANTED = (3, 11)
MEGABYTES = (120, 500)  # download and disk of all packages

# Is it the right one, and can it make a virtual environment? (Debian splits that off.)
PROBE = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
HOW_TO_GET = (
    "Python 3.11 is missing. Get it with your package manager, with pyenv\n"
    "(pyenv install 3.11) or with uv (uv python install 3.11), then type your command again.\n"
    "Or, with nothing but Docker:  docker compose up"
)


class PipFailed(Exception):
    """The packages could not be installed; the text is what pip printed."""


def find() -> str | None:
    """Return a Python 3.11 that can make virtual environments, else None."""
    return next((path for path in _candidates() if _version(path) == WANTED), None)


def find_without_venv() -> str | None:
    """Return a Python 3.11 that only lacks the parts that make virtual environments."""
    probe = "import sys; print('%d.%d' % sys.version_info[:2])"
    return next((path for path in _candidates() if _version(path, probe) == WANTED), None)


def environment_works() -> bool:
    """Is there a virtual environment whose Python runs and is the right one?"""
    return (
        _version(str(VENV / "bin" / "python"), "import sys; print('%d.%d' % sys.version_info[:2])")
        == WANTED
    )


def make_environment(python: str) -> None:
    """Make the virtual environment; a broken one is replaced."""
    if environment_works():
        return
    done = subprocess.run(
        [python, "-m", "venv", "--clear", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=_clean_environment(),
    )
    if done.returncode != 0:
        raise PipFailed(done.stdout.strip())


def install() -> None:
    """Install exactly the locked packages, each checked by its hash.

    pip's own configuration (index, mirror, certificates) stays in force. Only where its
    find-links holds files of the right name and another content is it left out at a second try.
    """
    first = _pip({})
    if first.returncode == 0:
        return
    with tempfile.TemporaryDirectory() as empty:
        second = _pip({"PIP_FIND_LINKS": empty})
    if second.returncode != 0:
        raise PipFailed(first.stdout.strip()[-4000:])


def _pip(more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--require-hashes", "-r", str(LOCK)]
    return subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=ROOT,
        env={**_clean_environment(), "PIP_ROOT_USER_ACTION": "ignore", **more},
    )


def _clean_environment() -> dict[str, str]:
    """Our environment without what would send packages elsewhere."""
    unwanted = ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def _candidates() -> list[str]:
    """Return Pythons that may be 3.11, the likeliest first."""
    candidates = [shutil.which("python3.11"), sys.executable, shutil.which("python3")]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates += [str(path) for path in sorted(pyenv.glob("3.11*/bin/python3.11"))]
    candidates += [
        "/usr/bin/python3.11",
        "/opt/homebrew/bin/python3.11",
        "/usr/local/bin/python3.11",
    ]
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    candidates += [str(path) for path in sorted(uv.glob("cpython-3.11*/bin/python3.11"))]
    return [path for path in candidates if path and Path(path).exists()]


def _version(python: str, probe: str = PROBE) -> tuple[int, ...] | None:
    """Return major and minor version; None when it does not run or lacks a part."""
    try:
        said = subprocess.run(
            [python, "-c", probe],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            timeout=30,
            check=True,
            cwd="/",
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(int(part) for part in said.strip().split("."))
