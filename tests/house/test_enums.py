"""Every member of an enum has its sentence: what is stored or shown is looked up there."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"Enum", "StrEnum", "IntEnum", "Flag", "IntFlag"}


def without_sentence(code: str) -> list[tuple[int, str]]:
    """Members without a line `#: ...` right above them."""
    lines = code.splitlines()
    return [
        (member.lineno, f"{node.name}.{member.targets[0].id}")
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).rpartition(".")[2] in KINDS for base in node.bases)
        for member in node.body
        if isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name)
        if not lines[member.lineno - 2].strip().startswith("#: ")
    ]


@pytest.mark.parametrize("folder", ["services", "shared", "tools"])
def test_every_member_of_an_enum_has_its_sentence(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {member}: say above it, after `#: `, what it means"
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "Enum" in (code := path.read_text("utf-8"))
        for line, member in without_sentence(code)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_rule_sees_what_it_is_there_for() -> None:
    code = "class A(StrEnum):\n    #: it is new\n    NEW = 'new'\n    OLD = 'old'\n"
    assert without_sentence(code) == [(4, "A.OLD")]
    assert without_sentence(code.replace("StrEnum", "enum.Enum")) == [(4, "A.OLD")]
