"""Remembers what was set up, so that a second `make setup` takes no time."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from tools.setup import jars, needs, python

STAMP = python.VENV / "playcaller-setup.json"
JUST_S = 15  # a set-up that ended this long ago belongs to the command that runs now


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
        "seconds": round(seconds, 1),
        "ended_at": time.time(),
    }
    STAMP.write_text(json.dumps(content), encoding="utf-8")


def just_took() -> float:
    """Return how many seconds the set-up just before this command took; 0 when it did nothing."""
    written = _read()
    ended_at = written.get("ended_at")
    if not isinstance(ended_at, float) or time.time() - ended_at > JUST_S:
        return 0.0
    seconds = written.get("seconds")
    return seconds if isinstance(seconds, float) else 0.0


def _read() -> dict[str, object]:
    try:
        content = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
