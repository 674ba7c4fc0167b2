"""The command line as a person types it, in a folder of its own."""

import json
import os
import subprocess
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300


def playcaller(*words, folder=None, typed="", code=0):
    """Run `./playcaller` from another folder; return what it printed on both channels."""
    told = subprocess.run(
        [ROOT / "playcaller", *words],
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        cwd="/",
        env={
            **os.environ,
            "PLAYCALLER_HOME": str(folder or ROOT / ".playcaller"),
            "COLUMNS": "120",
        },
    )
    assert told.returncode == code, told.stdout + told.stderr
    return told.stdout + told.stderr


def test_help_names_every_command():
    said = playcaller("--help")
    for command in ("up", "down", "status", "logs", "reset", "show", "demo", "migrate", "topics"):
        assert f"│ {command} " in said


@pytest.mark.parametrize("command", [["status"], ["show", "c-1"], ["topics"], ["migrate"]])
def test_what_needs_the_running_system_says_how_to_start_it(tmp_path, command):
    said = playcaller(*command, folder=tmp_path, code=1)
    assert "Start it with:  ./playcaller up" in said
    assert "Traceback" not in said


def test_nothing_is_deleted_without_the_word(tmp_path):
    (tmp_path / "data").mkdir()
    assert "Nothing was deleted" in playcaller("reset", folder=tmp_path, typed="yes\n", code=1)
    assert (tmp_path / "data").exists()


def test_stopping_what_never_ran_is_no_error(tmp_path):
    assert "Stopped" in playcaller("down", folder=tmp_path)


@pytest.mark.servers
def test_up_status_show_down_up_reset(tmp_path):
    try:
        said = playcaller("up", folder=tmp_path)
        assert "curl http://127.0.0.1:" in said
        where = json.loads((tmp_path / "endpoints.json").read_text())
        assert (tmp_path / "endpoints.json").stat().st_mode & 0o077 == 0  # it holds passwords
        assert set(where["http"]) == {"ingest", "journey", "support", "analytics"}
        httpx.post(
            f"{where['http']['journey']}/v1/customers",
            json={"id": "ann", "kind": "household", "zone": "UTC", "region": "eu", "profile": {"name": "Ann"}},
            headers={"Idempotency-Key": "ann"},
            trust_env=False,
        ).raise_for_status()  # fmt: skip

        assert "All is well." in playcaller("status", folder=tmp_path)
        assert "ann · Ann · household · UTC" in playcaller("show", "ann", folder=tmp_path)
        assert "no customer nobody" in playcaller("show", "nobody", folder=tmp_path, code=1)
        assert "INFO" in playcaller("logs", "ingest", folder=tmp_path)

        playcaller("down", folder=tmp_path)
        playcaller("status", folder=tmp_path, code=1)
        playcaller("up", folder=tmp_path)
        assert "ann · Ann" in playcaller("show", "ann", folder=tmp_path)  # the data stayed
    finally:
        playcaller("reset", folder=tmp_path, typed="delete\n")
    assert "Start it with" in playcaller("status", folder=tmp_path, code=1)
    assert not (tmp_path / "data" / "postgres").exists()
