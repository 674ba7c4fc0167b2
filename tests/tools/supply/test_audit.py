"""pip-audit itself where the network does not answer: bounded, one line, no failure."""

import json
import socket
import subprocess
from datetime import date

import pytest

from tools.supply import audit
from tools.supply.verdict import judge

TODAY = date(2026, 3, 1)
LOCK = "lz4==4.4.4 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def lock(tmp_path, monkeypatch):
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK, "utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))  # an empty cache
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return path


def through(monkeypatch, port):
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")


@pytest.mark.slow
def test_no_network(lock, monkeypatch, free_port):
    through(monkeypatch, free_port)
    report, why = audit.ask(lock)
    verdict = judge(report, why, [], TODAY)
    assert report is None
    assert not verdict.failed
    (line,) = verdict.lines
    assert line.startswith("audit: NOT DONE, known vulnerabilities could not be had (")
    assert len(line) < 250


@pytest.mark.slow
def test_a_network_that_swallows_everything(lock, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        through(monkeypatch, silent.getsockname()[1])
        assert audit.ask(lock, longest_s=2.5) == (None, "no answer within 2 s")


def test_a_day_and_a_lock_are_asked_about_once(lock, tmp_path, monkeypatch):
    asked = []

    def answers(command, **_):
        asked.append(command)
        said = {"dependencies": [{"name": "lz4", "version": "4.4.4", "vulns": []}], "fixes": []}
        return subprocess.CompletedProcess(command, 0, json.dumps(said), "")

    monkeypatch.setattr(audit.subprocess, "run", answers)
    kept = tmp_path / "audit.json"
    first = audit.ask_once_a_day(TODAY, lock, kept)
    assert audit.ask_once_a_day(TODAY, lock, kept) == first
    assert len(asked) == 1
    audit.ask_once_a_day(date(2026, 3, 2), lock, kept)
    lock.write_text(LOCK + LOCK.replace("lz4", "lz5"), "utf-8")
    audit.ask_once_a_day(date(2026, 3, 2), lock, kept)
    kept.write_text("cut o", "utf-8")
    audit.ask_once_a_day(date(2026, 3, 2), lock, kept)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [(["audit"], 2), (["audit", "--kept"], 0)],
    ids=["asked for it: not done is no success", "make check passes without a network"],
)
def test_nothing_could_be_looked_up(monkeypatch, capsys, words, code):
    skipped = [{"name": f"package-{n}", "skip_reason": "not found"} for n in range(122)]
    for name in ("ask", "ask_once_a_day"):
        monkeypatch.setattr(audit, name, lambda *_: ({"dependencies": skipped, "fixes": []}, ""))
    monkeypatch.setattr(audit.exceptions, "read", lambda _: [])
    monkeypatch.setattr(audit.sys, "argv", words)
    assert audit.main() == code
    assert capsys.readouterr().out.startswith(
        "audit: NOT DONE, 0 of 122 packages could be looked up"
    )
