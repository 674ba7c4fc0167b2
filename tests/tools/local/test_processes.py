"""Processes: told apart by their start, ended in order, measured by what they really take."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.local import identity, memory, ports, process

WAITS = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-uc",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)",
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


async def test_a_process_ends_when_asked(log):
    who = identity.identify(process.start(WAITS, log))
    assert identity.is_running(who)
    assert await process.stop(who)
    assert not identity.is_running(who)


async def test_one_that_does_not_listen_is_ended_by_force(log):
    who = identity.identify(process.start(DEAF, log))
    wait_for(lambda: "deaf" in log.read_text())
    assert not await process.stop(who, patience_s=0.2)
    assert not identity.is_running(who)


async def test_a_reused_number_is_not_the_same_process():
    stranger = identity.Identity(os.getpid(), "another boot:1")
    assert not identity.is_running(stranger)
    assert await process.stop(stranger)  # signals nothing: we are still here


@pytest.mark.slow
def test_a_child_ends_with_its_parent_however_that_ends(tmp_path):
    if sys.platform != "linux":
        return  # no such help of the kernel elsewhere; the orderly way is tested above
    code = (
        "import signal, sys, time; from pathlib import Path; from tools.local import process\n"
        f"pid = process.start({WAITS!r}, Path({str(tmp_path / 'log')!r}), end_with_parent=signal.SIGTERM)\n"
        "print(pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=process.ROOT
    )
    assert parent.stdout is not None
    child = identity.identify(int(parent.stdout.readline()))
    wait_for(lambda: b"setpriv" not in Path(f"/proc/{child.pid}/cmdline").read_bytes())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not identity.is_running(child))


@pytest.mark.slow
async def test_peak_memory_counts_children_and_names_the_parts(log):
    hungry = "import subprocess, sys, time; x = b'x' * 50_000_000; print('up', flush=True);"
    child = f"subprocess.run([sys.executable, '-c', {hungry + 'time.sleep(60)'!r}])"
    who = identity.identify(process.start([sys.executable, "-c", hungry + child], log))
    try:
        wait_for(lambda: log.read_text().count("up") == 2)
        async with memory.PeakMemory(lambda: {"hungry": who.pid}) as peak:
            pass
        assert 100 < peak.peak_mb < 200
        assert peak.at_peak_mb == {"hungry": peak.peak_mb}
    finally:
        family = process.descendants(who.pid)
        await process.stop(who, signal.SIGKILL)
    wait_for(lambda: not any(identity.started(child.pid) for child in family))


def test_memory_of_an_ended_process_is_nothing():
    assert memory.pss_bytes(2**22 + 1) == 0


def test_ports_are_outside_what_the_system_gives_to_clients():
    assert ports.FIRST <= ports.free_port() <= ports.LAST < 32_768


async def test_a_taken_port_is_replaced_and_a_free_one_kept():
    import socket

    free = ports.free_port()
    assert await ports.keep_or_choose(free) == free
    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, free))
        taken.listen()
        assert await ports.keep_or_choose(free, patience_s=0.1) != free


def test_open_files_are_raised_as_far_as_allowed():
    assert process.raise_open_files(1024) >= 1024
