"""The commands of the README, typed as they stand there."""

import json
import os
import signal
import subprocess
import time

import psutil
import pytest

from tools.local.process import ROOT

pytestmark = pytest.mark.servers


def run(*words, seconds=300, **environment):
    return subprocess.run(
        words, cwd=ROOT, timeout=seconds, text=True, stdin=subprocess.DEVNULL,
        capture_output=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def demo():
    """`make demo`, small: the command, its output and what it wrote."""
    (ROOT / "demo.json").unlink(missing_ok=True)
    done = run("make", "demo", "CUSTOMERS=20", "DAYS=20", "SEED=5")
    assert done.returncode == 0, done.stdout + done.stderr
    return done, json.loads((ROOT / "demo.json").read_text())


def test_make_demo_counts_every_event_everywhere(demo):
    done, told = demo
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing lost, nothing twice." in done.stdout
    assert told["ok"] is True
    for topic, published in told["published"].items():
        assert published > 0
        assert told["acked"][topic] == told["kafka"][topic] == published
        for counts in told["counted"].values():
            assert counts[topic] in (published, None)
    assert told["counted"]["support"]["device.usage"] is None
    assert told["duplicates_sent"] > 0
    assert sum(told["stages"].values()) == 20
    assert told["tickets"] > 0
    assert set(told["rejected"]) >= {"unknown_type", "bad_boot", "bad_seq", "too_large"}
    assert told["apart"]["strangers turned away by the broker"] == 2
    assert 100 < told["peak_memory_mb"] < 2500


def test_a_demo_leaves_no_process_behind(demo):
    assert "All servers stopped." in demo[0].stdout
    assert not left_behind()


def left_behind():
    """Processes of the demo's folder; not by `pgrep`, which a bare machine lacks."""
    mine = str(ROOT / ".playcaller-demo")
    found = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    return [line for line in found if any(mine in word for word in line)]


def test_ctrl_c_stops_every_child_and_says_what_was_kept(demo):
    assert demo[0].returncode == 0
    process = subprocess.Popen(
        ["make", "demo", "CUSTOMERS=20", "DAYS=40"], cwd=ROOT, text=True, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not left_behind():
        time.sleep(0.1)
    time.sleep(2)  # somewhere in the start of the servers: any moment will do
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=90)
    assert process.returncode != 0
    assert "Stopped." in output
    assert "Kept:" in output
    assert not left_behind()


def test_up_status_show_down(tmp_path, demo):
    assert demo[0].returncode == 0
    home = {"PLAYCALLER_HOME": str(tmp_path / "home")}
    up = run("./playcaller", "up", **home)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        endpoints = json.loads((tmp_path / "home" / "endpoints.json").read_text())
        assert "127.0.0.1" in json.dumps(endpoints)
        status = run("./playcaller", "status", **home)
        assert status.returncode == 0, status.stdout + status.stderr
        for word in ("device.fault", "support", "analytics", "OK"):
            assert word in status.stdout
        nobody = run("./playcaller", "show", "nobody", **home)
        assert nobody.returncode != 0
        assert "nobody" in nobody.stdout + nobody.stderr
        held = run("./playcaller", "erasures", "reapply", **home)
        assert held.returncode == 0, held.stdout + held.stderr
        assert held.stdout.strip() == "0 erasures hold in journey, ingest, support, analytics."
        logs = run("./playcaller", "logs", "ingest", **home)
        assert "reading buckets" in logs.stdout
    finally:
        down = run("./playcaller", "down", **home)
    assert down.returncode == 0
    stopped = run("./playcaller", "status", **home)
    assert stopped.returncode == 1, "nothing runs: not healthy"
    assert run("./playcaller", "reset", "--yes", **home).returncode == 0
