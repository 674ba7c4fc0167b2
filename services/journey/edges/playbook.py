"""A playbook's folder: its files are read, and what is wrong with them is told together."""

from collections.abc import Sequence
from pathlib import Path

from services.journey.domain.plays.play import Playbook
from services.journey.domain.plays.read_playbook import read_playbook
from shared.errors import BadSettings

FILES = ("teams.yaml", "plays/*.yaml", "messages/*.md")
MOST_BYTES = 1_000_000  # of one file


def read_texts(folder: Path) -> dict[str, str]:
    """The files of a playbook by their names in it. Raises BadSettings: one cannot be read."""
    texts: dict[str, str] = {}
    for pattern in FILES:
        for path in sorted(folder.glob(pattern)):
            name = path.relative_to(folder).as_posix()
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise BadSettings(f"playbook: {name}: longer than {MOST_BYTES} bytes")
                texts[name] = path.read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise BadSettings(f"playbook: cannot read {name}: {error}") from error
    return texts


def load_playbook(folder: Path, stages: Sequence[str]) -> Playbook:
    """The playbook of a folder. Raises BadSettings: everything that is wrong, one line each."""
    playbook, problems = read_playbook(read_texts(folder), stages)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise BadSettings(f"playbook {folder}: nothing is published, because of\n{listed}")
    return playbook
