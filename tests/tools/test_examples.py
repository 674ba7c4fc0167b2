"""The examples in docstrings of tools and deploy say what is so; only files that have some are read."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITH_EXAMPLES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("tools", "deploy")
    for path in (ROOT / folder).rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("file", WITH_EXAMPLES)
def test_examples(file: str) -> None:
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
