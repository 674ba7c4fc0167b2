"""A playbook's folder: its files are read, and what is wrong with them is told together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mjml import mjml2html

from services.journey.domain.plays.play import Message, Playbook
from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.plays.reading import Problem
from shared.errors import BadSettings

FILES = (
    "teams.yaml",
    "linkages.yaml",
    "facts.yaml",
    "webhooks.yaml",
    "plays/*.yaml",
    "messages/*.md",
    "messages/*.mjml",
)
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


def read_folder(folder: Path, stages: Sequence[str]) -> tuple[Playbook, list[Problem]]:
    """The playbook of a folder, MJML made to HTML, and everything that is wrong with it."""
    return of_texts(read_texts(folder), stages)


def of_texts(texts: Mapping[str, str], stages: Sequence[str]) -> tuple[Playbook, list[Problem]]:
    """The playbook of these files, MJML made to HTML, and everything that is wrong with it."""
    playbook, problems = read_playbook(texts, stages)
    messages: dict[str, Message] = {}
    for name, message in playbook.messages.items():
        try:
            html = None if message.html is None else mjml2html(message.html)
        except ValueError as error:
            problems.append(Problem(f"messages/{name}.mjml", 1, "", f"not MJML: {error}"))
            html = None
        messages[name] = replace(message, html=html)
    return replace(playbook, messages=messages), sorted(problems)


def load_playbook(folder: Path, stages: Sequence[str]) -> Playbook:
    """The playbook of a folder. Raises BadSettings: everything that is wrong, one line each."""
    playbook, problems = read_folder(folder, stages)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise BadSettings(f"playbook {folder}: nothing is published, because of\n{listed}")
    return playbook
