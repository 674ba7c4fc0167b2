"""deploy/new-env.sh writes passwords once, and never over others."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "deploy" / "new-env.sh"
WANTED = {"POSTGRES", "INGEST_DB", "JOURNEY_DB", "SUPPORT_DB", "ANALYTICS_DB", "CONSOLE_DB"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    shutil.copy(SCRIPT, tmp_path / "deploy")
    return tmp_path


def run(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "deploy/new-env.sh"], cwd=project, capture_output=True, text=True, check=False
    )


def test_it_writes_different_passwords_for_its_owner_only(project: Path) -> None:
    assert run(project).returncode == 0
    written = (project / ".env").read_text("utf-8")
    found = dict(re.findall(r"^(\w+)_PASSWORD=([0-9a-f]{48})$", written, re.MULTILINE))
    assert found.keys() == WANTED
    assert len(set(found.values())) == len(WANTED)
    assert stat.S_IMODE((project / ".env").stat().st_mode) == 0o600
    assert {path.name for path in project.iterdir()} == {".env", "deploy"}


def test_it_keeps_what_is_there(project: Path) -> None:
    (project / ".env").write_text("POSTGRES_PASSWORD=mine\n", "utf-8")
    second = run(project)
    assert second.returncode == 1
    assert "was not changed" in second.stderr
    assert (project / ".env").read_text("utf-8") == "POSTGRES_PASSWORD=mine\n"
