"""What `make check` runs, and what a run need not even read: most of its collection."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule

QUICK = "not servers and not slow"
REST = "servers or slow"
_NONE_IS_QUICK = re.compile(r"^pytestmark = pytest\.mark\.(?:servers|slow)$", re.MULTILINE)
_SOME_ARE_NOT = re.compile(r"\bmark\.(?:servers|slow)\b")


def leaves_out(path: Path, expression: str) -> bool:
    """Whether every test of a file is left out by this expression of marks."""
    if expression not in (QUICK, REST) or not path.match("test_*.py"):
        return False
    text = path.read_text("utf-8")
    if expression == QUICK:
        return _NONE_IS_QUICK.search(text) is not None
    return _SOME_ARE_NOT.search(text) is None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path,
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for examples only where there are some: of a thousand modules, nine in ten have none."""
    found = yield
    if any(isinstance(each, DoctestModule) for each in found) and ">>>" not in file_path.read_text(
        "utf-8"
    ):
        return [each for each in found if not isinstance(each, DoctestModule)]
    return found
