"""Journey killed with SIGKILL before every commit of a play: nothing twice, nothing lost."""

import asyncio
import json
import sys

import pytest

from tests.journey.conftest import ROOT

pytestmark = pytest.mark.servers
LEAST = 8  # commits of a life; fewer: the points are not what they were


async def test_killed_at_any_commit_a_play_does_nothing_twice_and_loses_no_timer(
    postgres, servers, smtp
):
    url = await postgres.migrated("journey", "killed")
    command = [sys.executable, "-m", "tests.journey.dying", url, smtp, str(servers.smtp.data)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    lives = [json.loads(line) for line in said.splitlines()]
    assert [life["killed"] for life in lives] == [-9] * (len(lives) - 1) + [0]
    assert len(lives) > LEAST
    for life in lives:
        assert life["taken_over"] == 0, life
        assert life["runs"] == [["call", 5, "active"]], life
        assert life["messages"] == [["send", 2]], life  # decided once each: 0 duplicate effects
        assert life["offers"] == [[1, 1, "open"]], life
        assert life["tasks"] == [[1, 1]], life
        assert life["lines"] == [], life
        ((state, effects, repeats),) = life["effects"]
        assert (state, effects) == ("accepted", 2), life
        # killed while it may have been sent: once more, under the same Message-ID, and counted
        assert len(life["mails"]) == 2, life
        assert sum(life["mails"]) - 2 <= repeats <= 1, life


async def test_killed_at_any_commit_a_call_is_agreed_told_and_held_once(postgres, servers, smtp):
    url = await postgres.migrated("journey", "killed_calls")
    data = str(servers.smtp.data)
    command = [sys.executable, "-m", "tests.journey.dying", url, smtp, data, "call"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    lives = [json.loads(line) for line in said.splitlines()]
    assert [life["killed"] for life in lives] == [-9] * (len(lives) - 1) + [0]
    assert len(lives) > LEAST
    for life in lives:
        assert life["taken_over"] == 0, life
        assert life["calls"] == [["held", 3, None]], life
        assert life["tasks"] == [[2, 1]], life  # of the call, and of the step after it
        assert life["runs"] == [["call", 2, "active"]], life
        assert life["lines"] == [], life
        # the invitation, what was agreed, and the reminder: each decided once
        assert life["messages"] == [["send", 3]], life
        assert len(life["mails"]) == 3, life
