"""What the supervisor knows of deaths, in a file: `status` is another process."""

import json
from collections.abc import Mapping
from pathlib import Path

from tools.supervisor.deaths import Deaths


def path_of(folder: Path) -> Path:
    """Where it stands."""
    return folder / "run" / "deaths.json"


def read(folder: Path) -> dict[str, Deaths]:
    """What is known, by name; nothing when nobody died."""
    try:
        document = json.loads(path_of(folder).read_text("utf-8"))
        return {name: Deaths.from_json(record) for name, record in document.items()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write(folder: Path, deaths: Mapping[str, Deaths]) -> None:
    """Keep it, in one step: a reader never sees half of it."""
    path = path_of(folder)
    half = path.with_suffix(".new")
    half.write_text(json.dumps({n: record.to_json() for n, record in deaths.items()}), "utf-8")
    half.replace(path)
