"""The hashed lock is what gets installed, here and in the image."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.lock import IMAGE_LOCK, LOCK, ROOT, blocks
from tools.setup import python

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("lock", [LOCK, IMAGE_LOCK], ids=["environment", "image"])
def test_every_package_is_one_version_with_hashes_and_from_no_named_place(lock: Path) -> None:
    text = lock.read_text("utf-8")
    for name, block in blocks(text).items():
        assert re.match(rf"{name}(\[[\w,-]+\])?==\d", block.replace("_", "-").lower()), block[:80]
        assert "--hash=sha256:" in block, name
    assert not re.search(
        r"^\s*(-e|-i|--index|--extra-index|--find|--trusted)|://", text, re.MULTILINE
    )


def test_the_image_has_no_version_that_the_lock_has_not() -> None:
    every = blocks(LOCK.read_text("utf-8"))
    for name, block in blocks(IMAGE_LOCK.read_text("utf-8")).items():
        assert every[name] == block


def test_the_lock_is_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    pinned = {
        name: block.partition("==")[2].split()[0].strip("\\;")
        for name, block in blocks(LOCK.read_text("utf-8")).items()
    }
    for text in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"]):
        wanted = Requirement(text)
        name = wanted.name.lower().replace("_", "-")
        assert name in pinned, f"{name} is not locked"
        assert wanted.specifier.contains(pinned[name]), f"{text} is locked at {pinned[name]}"


def test_set_up_installs_nothing_without_its_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(python.subprocess, "run", run)
    python.install()
    (command,) = commands
    assert command[-3:] == ["--require-hashes", "-r", str(LOCK)]
    assert "--no-deps" in command


def test_pip_refuses_a_package_with_another_hash(tmp_path: Path) -> None:
    """What the option is worth: a file of the right name and another content is not taken."""
    wheel = tmp_path / "harmless-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK\x05\x06" + bytes(18))
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"harmless==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", str(tmp_path),
         "--require-hashes", "--no-deps", "--target", str(tmp_path / "to"), "-r", str(lock)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "HASHES" in done.stderr
    assert not (tmp_path / "to").exists()


def test_ci_and_make_install_by_set_up_only() -> None:
    for file in ("Makefile", ".ci/run"):
        assert "pip install" not in (ROOT / file).read_text("utf-8")
