"""An image from a tar: of `docker save` (layers and configuration), or a container's exported root."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.supply.image_scan import Configuration, Entry, Kind
from tools.supply.secrets import why_secret

MANIFEST = "manifest.json"
HIDES, HIDES_ALL = ".wh.", ".wh..wh..opq"  # how a layer says what of the lower ones is gone
CAPABILITY = "SCHILY.xattr.security.capability"


class NoImage(Exception):
    """The file is no image that can be read; the text names it and says what would be."""


@dataclass(frozen=True)
class Image:
    """What a container sees, and what lower layers hold besides."""

    configuration: Configuration
    root: list[Entry]
    hidden: list[Entry]


def read(file: Path, configuration: Path | None = None) -> Image:
    """Read an image.

    Args:
        file: the tar.
        configuration: of an exported root, which has none: the JSON of `docker image inspect`.

    Raises:
        NoImage: it cannot be read, or the configuration is missing.
    """
    try:
        with tarfile.open(file) as tar:
            if MANIFEST in tar.getnames():
                return _saved(tar)
            if configuration is None:
                raise NoImage(
                    f"{file.name}: no {MANIFEST} in it. Name a tar of `docker save`, or with an "
                    "exported root --config FILE, the output of `docker image inspect`"
                )
            return Image(configured(configuration.read_text("utf-8")), list(entries(tar)), [])
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError, IndexError) as error:
        raise NoImage(f"{file.name}: not an image: {type(error).__name__}: {error}") from None


def configured(text: str) -> Configuration:
    """The configuration in the JSON of `inspect` or of an image itself."""
    document = json.loads(text)
    if isinstance(document, list):
        document = document[0]
    said: dict[str, Any] = document["Config" if "Config" in document else "config"]
    return Configuration(said.get("User") or "", tuple(said.get("Env") or ()))


def entries(tar: tarfile.TarFile) -> Iterator[Entry]:
    """What is in one tar; the content of files is looked at and forgotten."""
    for member in tar:
        path = member.name.removeprefix("./").strip("/")
        if path in {"", "."}:
            continue
        content = b""
        if member.isreg() and (opened := tar.extractfile(member)) is not None:
            content = opened.read()
        yield Entry(
            path,
            _kind(member),
            member.mode,
            member.uid,
            member.gid,
            CAPABILITY in member.pax_headers,
            why_secret(path, content) if member.isreg() else "",
        )


def _kind(member: tarfile.TarInfo) -> Kind:
    if member.isreg() or member.islnk():
        return "file"
    if member.issym():
        return "link"
    return "folder" if member.isdir() else "other"


def _saved(tar: tarfile.TarFile) -> Image:
    manifest = json.loads(_content(tar, MANIFEST))[0]
    root: dict[str, Entry] = {}
    hidden: list[Entry] = []
    for name in manifest["Layers"]:
        with tarfile.open(fileobj=tar.extractfile(_member(tar, name))) as layer:
            _lay(root, hidden, list(entries(layer)))
    text = _content(tar, manifest["Config"]).decode("utf-8")
    return Image(configured(text), list(root.values()), hidden)


def _lay(root: dict[str, Entry], hidden: list[Entry], layer: list[Entry]) -> None:
    """Lay one layer on the lower ones; what it hides of them goes to `hidden`."""
    for entry in layer:
        folder, _, name = entry.path.rpartition("/")
        below = f"{folder}/" if folder else ""
        if name == HIDES_ALL:
            gone = [path for path in root if path.startswith(below)]
        elif name.startswith(HIDES):
            removed = below + name.removeprefix(HIDES)
            gone = [path for path in root if path == removed or path.startswith(f"{removed}/")]
        else:
            continue
        hidden += [root.pop(path) for path in gone]
    for entry in layer:
        if not entry.path.rpartition("/")[2].startswith(HIDES):
            if (before := root.get(entry.path)) is not None:
                hidden.append(before)
            root[entry.path] = entry


def _member(tar: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    """A member by name; a link, as Docker makes for equal layers, is followed."""
    member = tar.getmember(name)
    if member.issym():
        parts: list[str] = name.split("/")[:-1]
        for part in member.linkname.split("/"):
            parts = parts[:-1] if part == ".." else [*parts, part]
        return tar.getmember("/".join(parts))
    return member


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    opened = tar.extractfile(_member(tar, name))
    if opened is None:
        raise KeyError(f"{name} is no file")
    return opened.read()
