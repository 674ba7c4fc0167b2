"""`make check` reads no file of which it runs no test; it reads every other one."""

from pathlib import Path

import pytest

from tests.house.test_house import ROOT
from tests.quick import QUICK, leaves_out


@pytest.mark.parametrize(
    ("line", "expression", "left_out"),
    [
        pytest.param("pytestmark = pytest.mark.servers", QUICK, True, id="servers"),
        pytest.param("pytestmark = pytest.mark.slow", QUICK, True, id="slow"),
        pytest.param("pytestmark = pytest.mark.servers", "", False, id="all are asked for"),
        pytest.param("pytestmark = pytest.mark.servers", "servers or slow", False, id="the rest"),
        pytest.param("    pytestmark = pytest.mark.servers", QUICK, False, id="of one class"),
        pytest.param("@pytest.mark.servers", QUICK, False, id="of one test"),
    ],
)
def test_which_files_are_left_out(tmp_path: Path, line: str, expression: str, left_out: bool):
    file = tmp_path / "test_it.py"
    file.write_text(f"import pytest\n\n{line}\n", "utf-8")
    assert leaves_out(file, expression) == left_out


def test_it_is_what_make_check_asks_for() -> None:
    assert f'-m "{QUICK}"' in (ROOT / "Makefile").read_text("utf-8")
