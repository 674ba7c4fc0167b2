"""deploy/new-env.sh draws each secret once, and never over another."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from shared.settings import SERVICES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "new-env.sh"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
DRAWN = r"[0-9a-f]{48}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    shutil.copy(SCRIPT, tmp_path / "deploy")
    return tmp_path


def run(project: Path) -> str:
    return subprocess.run(
        ["sh", "deploy/new-env.sh"], cwd=project, capture_output=True, text=True, check=True
    ).stdout


def read(project: Path) -> dict[str, str]:
    return {file.name: file.read_text("utf-8") for file in (project / "secrets").iterdir()}


def test_it_writes_every_secret_that_compose_names(project: Path) -> None:
    said = run(project)
    named = {secret["file"] for secret in COMPOSE["secrets"].values()}
    assert {f"./secrets/{name}" for name in read(project)} == named
    assert said.startswith(f"Wrote {len(named)} new secrets")


def test_each_password_is_drawn_for_one_user(project: Path) -> None:
    run(project)
    found = read(project)
    drawn = {password for text in found.values() for password in re.findall(DRAWN, text)}
    assert len(drawn) == len(found) - 1  # the administrator's stands in two files
    for service in SERVICES:
        url = rf"postgresql://{service}:{DRAWN}@postgres:5432/{service}\n"
        assert re.fullmatch(url, found[f"{service}_database_url"])
    password = found["postgres_password"].strip()
    admin = f"postgresql://postgres:{password}@postgres:5432/postgres\n"
    assert found["admin_database_url"] == admin


def test_nobody_else_gets_into_the_folder_and_nobody_may_change_a_secret(project: Path) -> None:
    run(project)
    assert stat.S_IMODE((project / "secrets").stat().st_mode) == 0o700
    for file in (project / "secrets").iterdir():
        # mounted as it is into containers that run as other users than its owner
        assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_what_is_there_stays_and_what_was_deleted_is_drawn_anew(project: Path) -> None:
    run(project)
    before = read(project)
    assert run(project).startswith("Wrote 0 new secrets")
    assert read(project) == before
    (project / "secrets" / "support_database_url").unlink()
    assert run(project).startswith("Wrote 1 new secrets")
    changed = {name for name, text in read(project).items() if before[name] != text}
    assert changed == {"support_database_url"}


def test_the_administrators_password_of_an_older_installation_is_taken_over(project: Path) -> None:
    (project / ".env").write_text("POSTGRES_PASSWORD=mine\nMQTT_PORT=1\n", "utf-8")
    run(project)
    assert read(project)["postgres_password"] == "mine\n"
    assert "postgres:mine@" in read(project)["admin_database_url"]
    assert (project / ".env").read_text("utf-8") == "POSTGRES_PASSWORD=mine\nMQTT_PORT=1\n"


def test_they_are_not_for_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/secrets/", ".env"} <= set(ignored)
