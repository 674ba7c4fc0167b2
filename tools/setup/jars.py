"""Kafka's jars, copied by Maven once into a cache folder of the user."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

POM = Path(__file__).resolve().parents[1] / "local" / "pom.xml"
MEGABYTES = (60, 105)  # what Maven downloads and keeps, and the 43 MB of jars that we copy


class MavenFailed(Exception):
    """Maven could not bring the jars; the text is what it printed."""


def folder() -> Path:
    """Where the jars of the pinned version are, or will be."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    return Path(cache) / "playcaller" / f"kafka-{digest}"


def are_there() -> bool:
    """Has a fetch been completed? The folder gets its name last."""
    return folder().is_dir()


def fetch(maven: str) -> None:
    """Copy the jars. A fetch that is cut off leaves nothing that looks complete."""
    target = folder()
    half = target.with_name(f"{target.name}.{os.getpid()}")
    half.mkdir(parents=True, exist_ok=True)
    # A copy of the project file: Maven must find no `.mvn` or parent around ours.
    pom = half / "pom.xml"
    shutil.copyfile(POM, pom)
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    command += _repository()
    command += [f"-DoutputDirectory={half / 'jars'}", "-DincludeScope=runtime"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0 or not any((half / "jars").glob("kafka_*.jar")):
        shutil.rmtree(half, ignore_errors=True)
        raise MavenFailed(done.stdout.strip()[-4000:])
    if not target.exists():
        (half / "jars").rename(target)
    shutil.rmtree(half, ignore_errors=True)


def _repository() -> list[str]:
    """Where Maven keeps what it loads, when the account's home is not ours to write.

    Java asks the account for it and not HOME: in a container the two often differ.
    """
    home = os.environ.get("HOME")
    try:
        usual = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        usual = None
    if home is None or (usual is not None and os.access(usual, os.W_OK)):
        return []
    return [f"-Dmaven.repo.local={Path(home) / '.m2' / 'repository'}"]
