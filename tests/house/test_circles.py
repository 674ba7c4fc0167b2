"""No two files need each other, not even for the type checker: either can be read alone."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "tools", "deploy")
IMPORT = re.compile(
    r"^[ \t]*(?:import (?P<plain>[\w., ]+)"
    r"|from (?P<module>[\w.]+) import (?:\((?P<listed>[^)]*)\)|(?P<line>[^\n#]+)))",
    re.MULTILINE,
)
NAME = re.compile(r"(?<!\bas )\b\w+")  # not what it is called here


def modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of ours that this file names in an import, wherever it stands.

    Why no syntax tree: an import is a line, and all trees take seconds.
    """
    named: set[str] = set()
    for match in IMPORT.finditer(path.read_text("utf-8")):
        if match["plain"]:
            named |= {part.split()[0] for part in match["plain"].split(",")}
            continue
        names = NAME.findall(match["listed"] or match["line"])
        inner = {f"{match['module']}.{word}" for word in names}
        named |= inner & known.keys() or {match["module"]}
    return named & known.keys()


def circle(root: Path) -> list[str]:
    """Modules that need each other, in order; empty: there are none."""
    known = modules(root)
    needs = {name: imports(path, known) - {name} for name, path in known.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_two_files_need_each_other() -> None:
    assert circle(ROOT) == []


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("import tools.first\n", id="plainly"),
        pytest.param("from tools import first\n", id="by its folder"),
        pytest.param("def later():\n    from tools.first import x\n", id="inside a function"),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tools.first import x\n",
            id="for the type checker",
        ),
    ],
)
def test_a_circle_is_found(tmp_path: Path, second: str) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "first.py").write_text("from tools.second import y\n")
    (tmp_path / "tools" / "second.py").write_text(second)
    assert {"tools.first", "tools.second"} == set(circle(tmp_path))
