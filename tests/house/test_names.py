"""A variable is called by what it holds, not by its being there."""

from pathlib import Path
from symtable import symtable

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYS_NOTHING = {"one", "each", "made", "found"}
FOLDERS = ("services", "shared", "tools")


def bound(code: str) -> list[tuple[int, str]]:
    """Such names of variables, parameters, captures, with the line where their scope begins.

    Why symbol tables: walking through all syntax trees takes five times as long.
    """
    names, scopes = [], [symtable(code, "", "exec")]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        if scope.get_type() != "class":  # fields and methods are called by what has them
            names += [
                (scope.get_lineno(), symbol.get_name())
                for symbol in scope.get_symbols()
                if symbol.get_name() in SAYS_NOTHING
                and (symbol.is_assigned() or symbol.is_parameter())
                and not symbol.is_namespace()
            ]
    return names


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_variable_is_called_by_what_it_holds(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: `{name}` in the scope that begins at line {line} says nothing"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "versions" not in path.parts  # a revision is frozen
        for line, name in bound(path.read_text("utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("def f():\n    found = 1", id="assigned"),
        pytest.param("for each in ():\n    pass", id="of a loop"),
        pytest.param("x = [one for one in ()]", id="of a comprehension"),
        pytest.param("f = lambda one: one", id="of a lambda"),
        pytest.param("def f(made: int): ...", id="a parameter"),
        pytest.param("if (found := f()):\n    pass", id="by the walrus"),
        pytest.param("match x:\n    case [1, one]:\n        pass", id="captured"),
        pytest.param("with f() as found:\n    pass", id="of a with"),
    ],
)
def test_the_rule_sees_what_it_is_there_for(code: str) -> None:
    assert bound(code)


def test_the_rule_leaves_fields_methods_and_words() -> None:
    assert not bound("x = result.one()\ny = {'found': store.found(made=1)}\nf(each=2)")
    assert not bound("class Score:\n    found: int")
