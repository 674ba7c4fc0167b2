"""Remembers what was set up, so that a second `make setup` takes no time."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tools.setup import jars, needs, python

STAMP = python.VENV / "playcaller-setup.json"
SECONDS = python.VENV / "setup-seconds"  # only there when the last set-up had something to do


def digest() -> str:
    """Name the set of packages and jars that the project asks for."""
    pinned = (python.LOCK, jars.POM)
    return hashlib.sha256(b"".join(path.read_bytes() for path in pinned)).hexdigest()


def is_up_to_date() -> bool:
    """Is all there? Looks, but runs no program: it is asked before every `make` target."""
    written = _read()
    return (
        written.get("digest") == digest()
        and (python.VENV / "bin" / "python").exists()
        and jars.are_there()
        and Path(str(written.get("java"))).exists()
        and needs.find_mosquitto() is not None
    )


def write(seconds: float) -> None:
    """Note that all is there, and how long it took."""
    content = {
        "digest": digest(),
        "java": needs.find_java(),
    }
    SECONDS.write_text(f"{seconds:.1f}", encoding="ascii")
    STAMP.write_text(json.dumps(content), encoding="utf-8")


def nothing_to_do() -> None:
    """Note that this set-up took no time worth a number."""
    SECONDS.unlink(missing_ok=True)


def _read() -> dict[str, object]:
    try:
        content = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
