"""Real processes that die: started again, later and later if they do not stay; logs have an end."""

import asyncio
import os
import signal
import sys

import pytest

from tests.system import until
from tools.local import process
from tools.local.server import Server
from tools.supervisor import deaths, record
from tools.supervisor.bounded import bound
from tools.supervisor.watch import Watch

STAYS = "import time; print('up', flush=True); time.sleep(60)"
DIES = "import sys; print('born', flush=True); sys.exit(3)"


class Program(Server):
    """A line of Python."""

    name = "program"
    port_count = 0

    def __init__(self, folder, code):
        super().__init__(folder)
        self.code = code

    def check_needs(self):
        pass

    async def prepare(self, ports):
        pass

    def command(self, ports):
        return [sys.executable, "-c", self.code]

    async def is_healthy(self, ports):
        return "up" in self.log.read_text()


@pytest.fixture
async def watched(tmp_path, monkeypatch):
    """A program that stays, watched over."""
    monkeypatch.setattr(deaths, "FIRST_S", 0.1)
    monkeypatch.setattr(deaths, "MOST_S", 0.4)
    program, said = Program(tmp_path, STAYS), []
    await program.start()
    watch = asyncio.create_task(Watch(tmp_path, [program], said.append).run())
    yield program, said
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    await program.stop()


async def test_a_killed_process_comes_back_and_is_told_of(watched):
    program, said = watched
    pid = program.who.pid
    os.kill(pid, signal.SIGKILL)
    await until(lambda: program.who.pid != pid and not process.has_ended(program.who))
    told = await until(lambda: record.read(program.folder).get("program"))
    assert (told.count, told.how) == (1, "signal 9 (SIGKILL)")
    await until(lambda: record.read(program.folder)["program"].next_try is None)
    assert "program died once" in said[0]


async def test_one_that_dies_at_its_start_is_tried_later_and_later(watched):
    program, _ = watched
    program.code = DIES
    os.kill(program.who.pid, signal.SIGKILL)

    def told_of():
        found = record.read(program.folder).get("program")
        return found if found is not None and found.in_a_row >= 4 else None

    told = await until(told_of, seconds=60)
    assert told.how in {"exit code 3", "signal 9 (SIGKILL)"}
    assert program.log.read_text().count("born") <= told.count, "no start without a wait"
    program.code = STAYS  # what it was is cured
    await until(lambda: program.log.read_text().count("up") == 2)


async def test_one_that_cannot_be_started_is_told_of_as_well(watched, monkeypatch):
    program, _ = watched
    monkeypatch.setattr(program, "command", lambda ports: ["/no/such/program"])
    os.kill(program.who.pid, signal.SIGKILL)
    told = await until(
        lambda: (
            (found := record.read(program.folder).get("program"))
            and found.how.startswith("no start")
            and found
        )
    )
    assert "/no/such/program" in told.how
    assert told.next_try is not None


async def test_a_log_that_is_too_large_begins_anew_under_its_writer(tmp_path):
    folder = tmp_path / "logs"
    log = folder / "talker.log"
    talks = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"
    folder.mkdir()
    with log.open("ab") as out:
        talker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", talks, stdin=asyncio.subprocess.PIPE, stdout=out
        )
    talker.stdin.write(b"x" * 1_000 + b"\n")
    await until(lambda: log.stat().st_size == 1_001)
    assert bound(folder, largest=2_000) == []
    assert bound(folder, largest=1_000) == ["talker"]
    talker.stdin.write(b"goes on\n")
    await until(lambda: log.read_text() == "goes on\n")
    assert (folder / "talker.log.1").stat().st_size == 1_001
    talker.stdin.close()
    await talker.wait()
