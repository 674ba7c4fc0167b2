"""Packages of the operating system, installed by apt-get where that needs no question."""

from __future__ import annotations

import os
import subprocess

from tools.setup import needs


class AptFailed(Exception):
    """apt-get could not install; the text is what it printed."""


def install(names: list[str]) -> None:
    """Install these needs with apt-get; only called when `needs.may_install()`."""
    install_packages([needs.PACKAGES["apt"][name] for name in names])


def install_packages(packages: list[str]) -> None:
    """Install packages of Debian. Raises AptFailed."""
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *packages)


def _apt(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", "-q", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
    )
    # A third-party source that does not answer fails `update`; our packages may still be there.
    if done.returncode != 0 and arguments[0] != "update":
        last = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise AptFailed(f"apt-get {' '.join(arguments)}\n{last}")
