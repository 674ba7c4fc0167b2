"""What docs/security.md names as shown by a test is there to be run."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
PATHS = sorted(set(re.findall(r"`(tests/[\w/.]+)`", PAGE)))
NAMES = sorted(set(re.findall(r"`(test_\w+\.py)`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_there(name):
    assert list((ROOT / "tests").rglob(name))
