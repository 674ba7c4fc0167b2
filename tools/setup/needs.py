"""What the operating system must bring, how to find it and how to get it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

JAVA_VERSION = 17
# Debian and brew put the broker where a user's PATH may not look.
MOSQUITTO_PLACES = (
    "/usr/sbin/mosquitto",
    "/usr/local/sbin/mosquitto",
    "/opt/homebrew/sbin/mosquitto",
    "/opt/homebrew/opt/mosquitto/sbin/mosquitto",
)
JAVA_PLACES = ("/opt/homebrew/opt/openjdk/bin/java", "/usr/local/opt/openjdk/bin/java")

NAMES = {
    "java": f"Java {JAVA_VERSION} or newer",
    "maven": "Maven",
    "mosquitto": "mosquitto (the MQTT broker)",
    "make": "make",
    "python": "Python 3.11 with venv",
}
# need -> package, by package manager
PACKAGES = {
    "apt": {
        "java": "default-jre-headless",
        "maven": "maven",
        "mosquitto": "mosquitto",
        "make": "make",
        "python": "python3.11-venv",
    },
    "dnf": {
        "java": "java-latest-openjdk-headless",
        "maven": "maven",
        "mosquitto": "mosquitto",
        "make": "make",
        "python": "python3.11",
    },
    "brew": {
        "java": "openjdk",
        "maven": "maven",
        "mosquitto": "mosquitto",
        "make": "make",
        "python": "python@3.11",
    },
}
INSTALL = {"apt": "apt-get install -y", "dnf": "dnf install -y", "brew": "brew install"}
# Download and disk in MB on Debian 12, with all that comes along on a bare machine.
MEGABYTES = {
    "java": (50, 210),
    "maven": (10, 15),
    "mosquitto": (2, 6),
    "make": (1, 2),
    "python": (3, 5),
}


def find_java() -> str | None:
    """Return the path of a Java that is new enough, else None."""
    home = os.environ.get("JAVA_HOME")
    candidates = [
        f"{home}/bin/java" if home else None,
        shutil.which("java"),
        *JAVA_PLACES,
    ]
    for path in candidates:
        if path and Path(path).exists() and (java_version(path) or 0) >= JAVA_VERSION:
            return path
    return None


@cache  # a Java takes 0.1 s to say it
def java_version(path: str) -> int | None:
    """Return the major version of a Java; None when it does not run."""
    try:
        said = subprocess.run(
            [path, "-version"], capture_output=True, text=True, timeout=30, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match.group(1)) if match else None


def find_mosquitto() -> str | None:
    """Return the path of the broker, else None."""
    places = [shutil.which("mosquitto"), *MOSQUITTO_PLACES]
    return next((path for path in places if path and Path(path).exists()), None)


def find_maven() -> str | None:
    """Return the path of Maven, else None."""
    return shutil.which("mvn")


def missing(*, with_maven: bool) -> list[str]:
    """Return the needs this machine lacks; Maven only counts until the jars are there."""
    lacks = []
    if find_java() is None:
        lacks.append("java")
    if with_maven and find_maven() is None:
        lacks.append("maven")
    if find_mosquitto() is None:
        lacks.append("mosquitto")
    if shutil.which("make") is None:
        lacks.append("make")
    return lacks


def package_manager() -> str:
    """Return the package manager of this system: `apt`, `dnf` or `brew`."""
    if sys.platform == "darwin" or platform.system() == "Darwin":
        return "brew"
    if shutil.which("apt-get") is None and shutil.which("dnf"):
        return "dnf"
    return "apt"


def may_install() -> bool:
    """May set-up install packages without asking: are we root on a system with apt-get?"""
    return package_manager() == "apt" and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def how_to_get(*names: str) -> str:
    """Return what to type to get these needs."""
    manager = package_manager()
    packages = " ".join(PACKAGES[manager][name] for name in names)
    sudo = "sudo " if manager != "brew" and os.geteuid() != 0 else ""
    return (
        f"Type:  {sudo}{INSTALL[manager]} {packages}\n"
        "and then your command again. Or, with nothing but Docker:  docker compose up"
    )
