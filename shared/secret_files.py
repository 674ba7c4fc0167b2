"""A secret in a file: `X_FILE` names the file that holds the setting `X`."""

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

SUFFIX = "_FILE"
MOUNTED = Path("/run/secrets")  # container engines mount files there readable for every process
LARGEST_BYTES = 65_536


@dataclass(frozen=True)
class Resolved:
    """An environment in which every secret stands under its own name.

    Attributes:
        from_files: names whose value came out of a file.
        complaints: one line for each file that was not taken, without its path or content: who
            mixes up `X` and `X_FILE` has put the secret where the path belongs.
    """

    environ: Mapping[str, str]
    from_files: frozenset[str]
    complaints: tuple[str, ...]


def resolve(environ: Mapping[str, str], secrets: Collection[str]) -> Resolved:
    """Read the files of secrets that are given as `X_FILE`.

    Args:
        environ: names and values as given.
        secrets: names of the settings that may be given so.
    """
    resolved = dict(environ)
    read: set[str] = set()
    complaints: list[str] = []
    by_name = {name.upper(): name for name, value in environ.items() if value.strip()}
    for secret in secrets:
        given = by_name.get(secret + SUFFIX)
        if given is None:
            continue
        if secret in by_name:
            complaints.append(f"{secret} and {given} are both set: keep one of them.")
            continue
        try:
            resolved[secret] = read_secret(Path(environ[given].strip()))
        except ValueError as error:
            complaints.append(f"{given} is malformed: {error}.")
        read.add(secret)
    return Resolved(resolved, frozenset(read), tuple(complaints))


def read_secret(path: Path, mounted: Path = MOUNTED) -> str:
    """The content of a secret's file without the white space around it.

    Raises: ValueError: what is wrong with the file; it may be changed, or read, by too many.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ValueError("it names something that is no file")
            _refuse_open(status.st_mode, is_mounted=path.absolute().is_relative_to(mounted))
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"the file cannot be read ({type(error).__name__})") from None
    if len(content) > LARGEST_BYTES:
        raise ValueError(f"the file holds more than {LARGEST_BYTES:,} bytes")
    try:
        text = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ValueError("the file holds no UTF-8 text") from None
    if not text:
        raise ValueError("the file is empty")
    return text


def _refuse_open(mode: int, *, is_mounted: bool) -> None:
    """At most 0640; below /run/secrets also 0444, which is how engines mount secrets."""
    spelt = f"{stat.S_IMODE(mode):04o}"
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ValueError(f"others may change the file (mode {spelt}): chmod 600")
    if mode & stat.S_IROTH and not is_mounted:
        raise ValueError(f"everybody may read the file (mode {spelt}): chmod 600")
