"""No two files need each other, not even for the type checker: either can be read alone."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("services", "shared", "tools", "deploy")


def modules(root: Path) -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of ours that this file names in an import, wherever it stands."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= inner & known.keys() or {node.module}
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
