"""A variable is called by what it holds, not by its being there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYS_NOTHING = {"one", "each", "made", "found"}
FOLDERS = ("services", "shared", "tools")


def bound(code: str) -> list[tuple[int, str]]:
    """Names of this kind that a piece of code gives: to variables, parameters, captures."""
    names = []
    tree = ast.parse(code)
    fields = {
        id(line.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign)
    }
    for node in ast.walk(tree):
        match node:
            case (
                ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.MatchAs(name=str(name))
            ):
                if name in SAYS_NOTHING and id(node) not in fields:
                    names.append((node.lineno, name))
            case _:
                pass
    return names


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_variable_is_called_by_what_it_holds(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: `{name}` says nothing: name what it is"
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
