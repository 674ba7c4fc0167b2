"""`make check` and `make rest` read no file of which they run no test; they read every other one."""

from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule

from tests.house.test_house import ROOT
from tests.quick import QUICK, REST, leaves_out, pytest_collect_file


@pytest.mark.parametrize(
    ("line", "expression", "left_out"),
    [
        pytest.param("pytestmark = pytest.mark.servers", QUICK, True, id="servers"),
        pytest.param("pytestmark = pytest.mark.slow", QUICK, True, id="slow"),
        pytest.param("pytestmark = pytest.mark.servers", "", False, id="all are asked for"),
        pytest.param("pytestmark = pytest.mark.servers", REST, False, id="the rest"),
        pytest.param("@pytest.mark.slow", REST, False, id="the rest: of one test"),
        pytest.param("SLOW = pytest.mark.slow(", REST, False, id="the rest: by another name"),
        pytest.param("", REST, True, id="the rest: all are quick"),
        pytest.param("    pytestmark = pytest.mark.servers", QUICK, False, id="of one class"),
        pytest.param("@pytest.mark.servers", QUICK, False, id="of one test"),
    ],
)
def test_which_files_are_left_out(tmp_path: Path, line: str, expression: str, left_out: bool):
    file = tmp_path / "test_it.py"
    file.write_text(f"import pytest\n\n{line}\n", "utf-8")
    assert leaves_out(file, expression) == left_out


def test_it_is_what_make_asks_for() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert f'-m "{QUICK}"' in makefile
    assert f'-m "{REST}"' in makefile


@pytest.mark.parametrize("text", ["says = 1", '"""\n>>> 1\n1\n"""'], ids=["none", "one"])
def test_examples_are_looked_for_where_there_are_some(request, tmp_path: Path, text: str) -> None:
    file = tmp_path / "it.py"
    file.write_text(text, "utf-8")
    found: list[pytest.Collector] = [DoctestModule.from_parent(request.session, path=file)]
    filtered = pytest_collect_file(file)
    next(filtered)
    with pytest.raises(StopIteration) as done:
        filtered.send(found)
    assert done.value.value == (found if ">>>" in text else [])
