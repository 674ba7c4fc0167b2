"""`python -m tools.setup.browser`: Chromium for the tests that look at pages, where that needs no question.

Nothing else needs it. Where it cannot be had, those tests are left out, and this says so. The shell without
a window comes first: a page of its own costs it an eighth of what Chromium spends on windows that nobody sees.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.setup import needs, system

COMMANDS = ("chromium-headless-shell", "chromium", "google-chrome")
PACKAGE = {"apt": "chromium-headless-shell", "dnf": "chromium", "brew": "--cask chromium"}
MEGABYTES = (100, 300)  # download and disk, Debian 12


def find() -> str | None:
    """Return the path of a browser that the tests can drive, else None."""
    paths = (shutil.which(name) for name in COMMANDS)
    return next((path for path in paths if path), None)


def bring() -> str:
    """Install it if it is missing and may be installed; returns what there is to say about it."""
    if find() is not None:
        return ""
    if not needs.may_install():
        manager = needs.package_manager()
        sudo = "" if manager == "brew" else "sudo "
        line = f"{sudo}{needs.INSTALL[manager]} {PACKAGE[manager]}"
        return (
            f"No Chromium on this machine: tests of pages are skipped. To have them, type:  {line}"
        )
    load, size = MEGABYTES
    print(f"Tests of pages need Chromium (apt-get): {load} MB, {size} MB on disk", flush=True)
    try:
        system.install_packages([PACKAGE["apt"]])
    except system.AptFailed as failure:
        return f"Chromium cannot be had, so tests of pages are skipped:\n{failure}"
    return ""


if __name__ == "__main__":
    if said := bring():
        print(said, flush=True)
