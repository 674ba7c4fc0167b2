import re

import msgspec
import pytest
from typer.testing import CliRunner

from tools.cli import app

SIZE = ["--customers", "6", "--days", "3", "--until", "2026-03-01T00:00:00"]


def invoke(*arguments):
    return CliRunner().invoke(app, ["fleet", *arguments])


def test_record_writes_the_file_and_the_truth(tmp_path):
    file = tmp_path / "fleet.jsonl"
    result = invoke("record", str(file), *SIZE, "--results", str(tmp_path))
    assert result.exit_code == 0
    events, messages = map(
        int, re.search(r"(\d+) events in (\d+) messages", result.output).groups()
    )
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    assert sum("topic" in line for line in lines) == messages <= events
    assert lines[0]["customers"] == 6
    assert len(msgspec.json.decode((tmp_path / "truth.json").read_bytes())["customers"]) == 6


def test_recording_the_same_seed_until_the_same_moment_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        invoke("record", str(tmp_path / name), *SIZE, "--results", str(tmp_path))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_without_a_running_system_it_says_how_to_start_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = invoke("run", *SIZE)
    assert result.exit_code == 1
    assert "./playcaller up" in result.stderr


@pytest.mark.slow
def test_a_broker_that_is_away_is_told_in_one_line(tmp_path):
    addresses = ("--mqtt", "mqtt://127.0.0.1:9", "--ingest", "http://x", "--journey", "http://x")
    result = invoke("run", *SIZE, *addresses, "--results", str(tmp_path))
    assert result.exit_code == 1
    assert "no MQTT broker at 127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("step", ["0", "7000"])
def test_a_step_must_divide_a_day(step, tmp_path):
    result = invoke("record", str(tmp_path / "x"), *SIZE, "--step-s", step)
    assert result.exit_code == 2
    assert "does not divide a day" in result.stderr


def test_play_of_a_damaged_file_names_the_line(tmp_path):
    file = tmp_path / "bad.jsonl"
    file.write_text("{}\nnonsense\n")
    addresses = ("--mqtt", "mqtt://127.0.0.1:9", "--ingest", "http://x", "--journey", "http://x")
    result = invoke("play", str(file), *addresses)
    assert result.exit_code == 1
    assert "line 2" in result.stderr
