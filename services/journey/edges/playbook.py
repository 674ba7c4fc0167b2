"""A playbook's folder: its files are read, and what is wrong with them is told together."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from mjml import mjml2html

from services.journey.domain.plays.play import Playbook, with_html
from services.journey.domain.plays.read_playbook import read_playbook
from services.journey.domain.plays.reading import Problem
from shared.errors import BadSettings

FILES = (
    "teams.yaml",
    "linkages.yaml",
    "facts.yaml",
    "webhooks.yaml",
    "shops/*.yaml",
    "plays/*.yaml",
    "messages/*.md",
    "messages/*.mjml",
)
MOST_BYTES = 1_000_000  # of one file
_OF_PLAY = re.compile(r"plays/[a-z0-9-]{1,60}\.yaml|messages/[a-z0-9-]{1,60}\.(md|mjml)")


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


def of_texts(
    texts: Mapping[str, str], stages: Sequence[str], others: Collection[str] = ()
) -> tuple[Playbook, list[Problem]]:
    """The playbook of these files, MJML made to HTML, and everything that is wrong with it.

    Args:
        others: plays that steps may name, too.
    """
    playbook, problems = read_playbook(texts, stages, others)
    html: dict[str, str | None] = {}
    for name, message in playbook.messages.items():
        try:
            html[name] = None if message.html is None else mjml2html(message.html)
        except ValueError as error:
            problems.append(Problem(f"messages/{name}.mjml", 1, "", f"not MJML: {error}"))
            html[name] = None
    return with_html(playbook, html), sorted(problems)


def read_play(
    stages: Sequence[str], play: str, files: Mapping[str, str], playbook: Playbook
) -> tuple[Playbook, list[Problem]]:
    """A play of its own files, with what else the playbook holds, and everything that is wrong."""
    own = [name for name in files if name.startswith("plays/")]
    odd = [name for name in files if _OF_PLAY.fullmatch(name) is None]
    problems = [
        Problem(name, 1, "", "expected plays/NAME.yaml, messages/NAME.md or messages/NAME.mjml")
        for name in odd
    ]
    if len(own) != 1:
        problems.append(Problem("plays", 1, "", "expected one file of a play"))
    if problems:
        return Playbook(), sorted(problems)
    texts = {**playbook.base, **_mails(playbook.files.get(play, {})), **files}
    read, wrong = of_texts(texts, stages, playbook.plays.keys() - {play})
    (named,) = read.plays
    if named != play:
        wrong.append(Problem(own[0], 1, "play", f"expected `{play}`: a play keeps its name"))
    return read, sorted(wrong)


def _mails(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.startswith("messages/")}


def load_playbook(folder: Path, stages: Sequence[str]) -> Playbook:
    """The playbook of a folder. Raises BadSettings: everything that is wrong, one line each."""
    playbook, problems = read_folder(folder, stages)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise BadSettings(f"playbook {folder}: nothing is published, because of\n{listed}")
    return playbook
