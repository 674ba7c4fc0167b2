"""The command line as a person types it, in a folder of its own."""

import io
import os
import re
import subprocess
from pathlib import Path

import pytest

from tools import installation
from tools.local.endpoints import Endpoints
from tools.screens.screen import Screen

pytestmark = pytest.mark.slow

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
    for command in (
        "up",
        "down",
        "status",
        "logs",
        "reset",
        "show",
        "demo",
        "migrate",
        "topics",
        "audit",
        "reconcile",
        "gaps",
    ):
        assert f"│ {command} " in said


@pytest.mark.parametrize(
    "command",
    [["status"], ["show", "c-1"], ["topics"], ["migrate"], ["audit"], ["reconcile"], ["gaps"]],
)
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


def test_addresses_hold_passwords_and_are_for_their_owner_only(tmp_path):
    endpoints = Endpoints(
        kafka_bootstrap_servers="127.0.0.1:1",
        mqtt_url="mqtts://127.0.0.1:2",
        smtp_url="smtp://127.0.0.1:3",
        database_urls={"journey": "postgresql+asyncpg://journey:secret@127.0.0.1:4/journey"},
    )
    path = tmp_path / "endpoints.json"
    for _ in range(2):  # the second replaces the first
        installation.write_endpoints(path, endpoints, {"journey": "http://127.0.0.1:5"})
        assert path.stat().st_mode & 0o777 == 0o600
    assert installation.read_endpoints(tmp_path) == {
        "http": {"journey": "http://127.0.0.1:5"},
        "console": None,
        "mqtt": "mqtts://127.0.0.1:2",
        "mqtt_certificates": None,
        "mqtt_websockets": None,
        "mqtt_ca": str(tmp_path / "run/pki/ca.pem"),
        "kafka": "127.0.0.1:1",
        "smtp": "smtp://127.0.0.1:3",
        "postgresql": {"journey": "postgresql://journey:secret@127.0.0.1:4/journey"},
    }


def test_every_screen_is_the_one_that_escapes_and_makes_no_pictures():
    """A fingerprint may hold `:ab:`, which rich shows as a picture; a name what a terminal obeys."""
    tools = Path(__file__).resolve().parents[2] / "tools"
    for path in tools.rglob("*.py"):
        assert not re.search(r"(?<!class )\b(Console|Screen)\(.*emoji|= Console\(|\(Console\(", path.read_text("utf-8")), path  # fmt: skip
    out = Screen(file=io.StringIO())
    out.print("SHA-256 :ab:")
    assert out.file.getvalue() == "SHA-256 :ab:\n"
