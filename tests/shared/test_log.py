"""Log lines: JSON, complete, one a record, and without what must not be read."""

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared import log


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_carries_who_what_and_the_event(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("support", "INFO")
    log.get("stream.consumer").info("applied %d", 3, extra={"event_id": "/cam-1/usage#a:1", "n": 3})

    (line,) = lines(capsys)
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "INFO",
        "service": "support",
        "logger": "playcaller.stream.consumer",
        "message": "applied 3",
        "event_id": "/cam-1/usage#a:1",
        "n": 3,
    }


def test_an_exception_is_text_on_the_same_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("support", "INFO")
    error = ValueError("cannot reach postgresql://pc:hunter2@127.0.0.1/x for ann@example.org")
    log.get("x").error("failed", exc_info=error)

    (line,) = lines(capsys)
    assert "ValueError: cannot reach" in line["exception"]
    assert "hunter2" not in line["exception"]
    assert "ann@" not in line["exception"]


def test_what_json_cannot_hold_becomes_text(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("support", "INFO")
    log.get("x").info("odd", extra={"seen": {1}, "who": object})

    assert lines(capsys)[0]["seen"] == "{1}"


@pytest.mark.parametrize(
    ("name", "level", "seen"),
    [
        pytest.param("playcaller.x", logging.DEBUG, False, id="ours below the level"),
        pytest.param("playcaller.x", logging.INFO, True, id="ours at the level"),
        pytest.param("aiokafka.conn", logging.INFO, False, id="aiokafka's news"),
        pytest.param("aiokafka.conn", logging.WARNING, True, id="aiokafka's warnings"),
        pytest.param("uvicorn.access", logging.INFO, False, id="access log"),
        pytest.param("uvicorn.error", logging.ERROR, True, id="uvicorn's errors"),
    ],
)
def test_libraries_are_tamed(
    capsys: pytest.CaptureFixture[str], name: str, level: int, *, seen: bool
) -> None:
    log.setup("support", "INFO")
    logging.getLogger(name).log(level, "hello")

    assert bool(lines(capsys)) is seen


def test_a_library_that_repeats_itself_is_heard_once_in_ten_seconds():
    said = log.NowAndThen(every_s=10.0)

    def heard(name, message, at):
        record = logging.makeLogRecord({"name": name, "msg": message, "created": at})
        return said.filter(record)

    assert heard("aiokafka", "no broker", 0.0)
    assert not heard("aiokafka", "no broker", 9.9)
    assert heard("aiokafka", "another line", 9.9)
    assert heard("aiokafka", "no broker", 10.0)
    assert heard("playcaller.x", "ours", 0.0)
    assert heard("playcaller.x", "ours", 0.0), "our own lines are never left out"


LONG = {
    "words without a sign": "a" * 200_000,
    "signs of mails": "@" * 200_000,
    "beginnings of mails": "a@" * 100_000,
    "mails": "a.b+c@example.org " * 10_000,
    "one local part": "a" * 200_000 + "@example.org",
    "one domain": "a@" + "b." * 100_000,
    "domains of digits": "a@b.1" + "1" * 200_000,
    "urls": "://" * 70_000 + "@",
    "one password": "https://" + "x" * 200_000 + "@",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("where", ["message", "extra", "extra of extra", "exception"])
def test_a_line_has_an_end_and_costs_little_whatever_is_said(text, where) -> None:
    record = logging.makeLogRecord({"name": "playcaller.x", "msg": "odd", "levelname": "INFO"})
    if where == "message":
        record.msg, record.args = "odd: %s", (text,)
    elif where == "extra":
        record.seen = text
    elif where == "extra of extra":
        record.seen = {"list": [text] * 3, "number": 10**6_000}
    else:
        record.exc_info = (ValueError, ValueError(text), None)
    formatter = log.JsonLines("support")
    began = time.thread_time()
    line = formatter.format(record)

    assert time.thread_time() - began < 0.05
    assert len(line) < 20_000
    assert json.loads(line)["logger"] == "playcaller.x"


@pytest.mark.parametrize("odd", ["\x1b[2J", "\x9b2J", "\u202eevil", "\u2028", "\u200f", "\ufeff"])
def test_what_a_terminal_would_obey_is_written_out(odd) -> None:
    record = logging.makeLogRecord({"name": "x", "msg": f"Ann{odd}", "seen": odd})
    line = log.JsonLines("support").format(record)

    assert all(sign not in line for sign in "\x1b\x9b\u202e\u2028\u200f\ufeff")
    assert json.loads(line)["message"] == f"Ann{odd}", "to a program it is what it was"


@pytest.mark.parametrize(
    "mail",
    [
        "ann@example.org",
        "a.b+c_d-e@mail.example.co.uk",
        "x" * 100 + "@example.org",
        "ann@ex-ample.org.",
    ],
)
def test_a_mail_address_is_masked_wherever_it_stands(mail) -> None:
    assert "ann@" not in log.mask(f"to <{mail}>: no")
    assert "example.org" not in log.mask(f"to {mail}, no")
