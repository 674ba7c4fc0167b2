"""`make setup`: brings what is missing, says so first, and does nothing when all is there."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from typing import TYPE_CHECKING

from tools.setup import jars, needs, python, stamp, system

if TYPE_CHECKING:
    from collections.abc import Callable


class Refused(Exception):
    """Set-up stops before it changed anything; the text says what to type."""


def main() -> int:
    """Set up. Returns 0 when all is there, else 1 after a plain message."""
    if stamp.is_up_to_date():
        stamp.nothing_to_do()
        return 0
    whole_project = os.open(str(python.ROOT), os.O_RDONLY)
    fcntl.flock(whole_project, fcntl.LOCK_EX)  # another set-up may be at work: let it finish
    if stamp.is_up_to_date():
        return 0
    try:
        set_up()
    except Refused as refusal:
        print(f"\n{refusal}\n\nNothing was changed.", file=sys.stderr)
    except (python.PipFailed, system.AptFailed, jars.MavenFailed) as failure:
        print(f"\nSet-up stopped:\n{failure}\n\nType `make setup` to go on.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nSet-up was cut off. Type `make setup` to go on.", file=sys.stderr)
    else:
        return 0
    return 1


def set_up() -> None:
    """Bring all that is missing, in the order in which one thing needs another."""
    began = time.monotonic()
    lacks = needs.missing(with_maven=not jars.are_there())
    if not python.environment_works() and python.find() is None:
        lacks.append("python")
    refuse_what_cannot_be_had(lacks)
    for line in announcement(lacks):
        print(line, flush=True)
    if lacks:
        step("packages of the system", lambda: system.install(lacks))
        recheck()
    with ThreadPoolExecutor() as both:
        work = [both.submit(step, "Python packages", install_python)]
        if not jars.are_there():
            work.append(both.submit(step, "Apache Kafka", fetch_jars))
    for part in work:
        part.result()
    took = time.monotonic() - began
    stamp.write(took)
    print(f"Set up in {took:.0f} s.", flush=True)


def refuse_what_cannot_be_had(lacks: list[str]) -> None:
    """Stop before any change when something is missing that we may not install ourselves."""
    if "python" in lacks and python.find_without_venv() is None:
        raise Refused(python.HOW_TO_GET)
    if lacks and not needs.may_install():
        named = ", ".join(needs.NAMES[name] for name in lacks)
        raise Refused(f"Missing on this machine: {named}.\n{needs.how_to_get(*lacks)}")


def announcement(lacks: list[str]) -> list[str]:
    """Return what will be downloaded and installed, line by line, with the sizes."""
    rows = [(f"{needs.NAMES[name]} (apt-get)", *needs.MEGABYTES[name]) for name in lacks]
    rows.append(("Python packages, into .venv", *python.MEGABYTES))
    if not jars.are_there():
        rows.append((f"Apache Kafka (Maven), into {jars.folder().parent}", *jars.MEGABYTES))
    download, disk = sum(row[1] for row in rows), sum(row[2] for row in rows)
    lines = [f"Set-up downloads about {download} MB and takes about {disk} MB of disk:"]
    return [*lines, *(f"  {what}: {load} MB, {size} MB on disk" for what, load, size in rows)]


def recheck() -> None:
    """Did apt-get bring what was missing? An old system may have too old a Java."""
    still = needs.missing(with_maven=not jars.are_there())
    if still:
        named = ", ".join(needs.NAMES[name] for name in still)
        older = (
            "\nThis system's usual Java is too old. Type:  apt-get install openjdk-17-jre-headless"
        )
        raise system.AptFailed(
            f"apt-get ran, but this is still missing: {named}.{older if 'java' in still else ''}"
        )
    if not python.environment_works() and python.find() is None:
        raise system.AptFailed(python.HOW_TO_GET)


def install_python() -> None:
    """Make the virtual environment and install the locked packages."""
    if not python.environment_works():
        chosen = python.find()
        if chosen is None:
            raise python.PipFailed(python.HOW_TO_GET)
        python.make_environment(chosen)
    python.install()


def fetch_jars() -> None:
    """Bring Kafka's jars through Maven."""
    maven = needs.find_maven()
    if maven is None:
        raise jars.MavenFailed("Maven (mvn) is not on the PATH.")
    jars.fetch(maven)


def step(what: str, work: Callable[[], None]) -> None:
    """Do one part and say when it is done."""
    began = time.monotonic()
    work()
    print(f"  {what}: done in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
