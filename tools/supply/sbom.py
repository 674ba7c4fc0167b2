"""`python -m tools.supply.sbom`: what is in the environment and in the image, as CycloneDX JSON.

Components and hashes are those of the lock files; licences and what needs what come from the
packages' own metadata, as installed beside us.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from deploy.lock import IMAGE_LOCK, LOCK, SERVICES_NEED, blocks
from tools.setup.python import ROOT

FOLDER = ROOT / "build"
PROJECT = ROOT / "pyproject.toml"
VERSION = SchemaVersion.V1_6


class NoSbom(Exception):
    """The document is not what the specification asks for; the text says where."""


def make(lock: Path, wanted: Iterable[str]) -> str:
    """The document of a lock file. Raises NoSbom.

    Args:
        lock: pinned packages with hashes.
        wanted: the requirements that brought them all: what the project itself names.
    """
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(lock)]
    command += ["--pyproject", str(PROJECT), "--sv", VERSION.to_version(), "--of", "JSON"]
    done = subprocess.run(
        [*command, "--output-reproducible", "--no-validate"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise NoSbom(done.stderr.strip()[-500:])
    document = json.loads(done.stdout)
    complete(document, wanted)
    there = {plain(component["name"]) for component in document["components"]}
    if there != (pinned := blocks(lock.read_text("utf-8")).keys()) or not pinned:
        raise NoSbom(f"{lock.name}: a line of it is no component: {sorted(pinned - there)}")
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    if (error := JsonStrictValidator(VERSION).validate_str(text)) is not None:
        raise NoSbom(f"{lock.name}: {error}"[:500])
    return text


def complete(document: dict[str, Any], wanted: Iterable[str]) -> None:
    """Add licences, and which package needs which."""
    refs: dict[str, str] = {}
    for component in document.setdefault("components", []):
        component.pop("description", None)  # the line of the lock, all its hashes once more
        component["bom-ref"] = component["purl"].partition("?")[0]
        refs[plain(component["name"])] = component["bom-ref"]
        if licence_name := licence(component["name"]):
            component["licenses"] = [licence_name]
    root = document["metadata"]["component"]["bom-ref"]
    document["dependencies"] = [
        {"ref": root, "dependsOn": sorted(_needed(wanted, refs))},
        *(
            {"ref": ref, "dependsOn": sorted(_needed(metadata.requires(name) or (), refs))}
            for name, ref in sorted(refs.items())
        ),
    ]


def licence(package: str) -> dict[str, Any] | None:
    """What a package says its licence is: an SPDX expression, else the name it gives."""
    try:
        said = metadata.metadata(package).json
    except metadata.PackageNotFoundError:
        return None
    if expression := said.get("license_expression"):
        return {"expression": expression}
    names = [
        line.rpartition(" :: ")[2]
        for line in said.get("classifier", ())
        if line.startswith("License :: ")
    ]
    named = str(said.get("license", "")).strip()
    if named and "\n" not in named:
        names.append(named)
    return {"license": {"name": " / ".join(dict.fromkeys(names))}} if names else None


def plain(name: str) -> str:
    """A package's name as the index compares it."""
    return name.lower().replace("_", "-").replace(".", "-")


def _needed(requirements: Iterable[str], refs: Mapping[str, str]) -> set[str]:
    names = set()
    for text in requirements:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            names.add(plain(requirement.name))
    return {refs[name] for name in names if name in refs}


def main() -> int:
    """Write both documents into build/."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))
    every = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    FOLDER.mkdir(exist_ok=True)
    for name, lock, wanted in (
        ("sbom.json", LOCK, every),
        ("sbom-image.json", IMAGE_LOCK, SERVICES_NEED),
    ):
        try:
            text = make(lock, wanted)
        except NoSbom as error:
            print(error)
            return 1
        (FOLDER / name).write_text(text, "utf-8")
        print(f"build/{name}: {len(json.loads(text)['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
