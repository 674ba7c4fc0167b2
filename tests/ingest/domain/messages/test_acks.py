"""What a source is told, and when."""

import json

from services.ingest.domain.messages.acks import Acks, merged
from services.ingest.domain.messages.addresses import parse, up

CAM = parse(up("device", "cam-1", "usage"))
FAULTS = parse(up("device", "cam-1", "fault"))
BOOT, OTHER = "a" * 16, "b" * 16


def told(acks: Acks, now: float) -> list[dict]:
    return [json.loads(answer.payload) for answer in acks.due(now)]


def ack(*ranges, boot=BOOT, stream="usage") -> dict:
    return {"ack": {"stream": stream, "boot": boot, "seq": [list(r) for r in ranges]}}


def test_after_so_many_events():
    acks = Acks(every=3, after_s=600, answer_s=10)
    for seq in (1, 2):
        acks.confirm(CAM, BOOT, seq, now=0)
    assert told(acks, 1) == []
    acks.confirm(CAM, BOOT, 9, now=1)
    assert told(acks, 1) == [ack((1, 2), (9, 9))]
    assert told(acks, 9_999) == []


def test_after_so_long():
    acks = Acks(every=100, after_s=600, answer_s=10)
    acks.confirm(CAM, BOOT, 1, now=5)
    acks.confirm(FAULTS, BOOT, 1, now=6)
    assert told(acks, 604.9) == []
    assert told(acks, 605) == [ack((1, 1))]
    assert told(acks, 606) == [ack((1, 1), stream="fault")]


def test_boots_are_told_apart():
    acks = Acks(every=2, after_s=600, answer_s=10)
    acks.confirm(CAM, BOOT, 7, now=0)
    acks.confirm(CAM, OTHER, 0, now=0)
    assert told(acks, 0) == [ack((7, 7)), ack((0, 0), boot=OTHER)]


def test_last_in_first_out_is_told_in_order():
    acks = Acks(every=4, after_s=600, answer_s=10)
    for seq in (4, 3, 2, 1):
        acks.confirm(CAM, BOOT, seq, now=0)
    assert told(acks, 0) == [ack((1, 4))]


def test_an_ask_is_answered_at_once_with_what_is_pending_and_the_echo_last():
    acks = Acks(every=100, after_s=600, answer_s=10)
    acks.confirm(CAM, BOOT, 1, now=0)
    acks.ask(CAM, 7, now=1)
    assert told(acks, 1) == [ack((1, 1)), {"echo": 7, "stream": "usage"}]
    assert told(acks, 99) == []


def test_an_ask_with_nothing_pending_is_answered():
    acks = Acks(every=100, after_s=600, answer_s=10)
    acks.ask(CAM, 7, now=1)
    assert told(acks, 1) == [{"echo": 7, "stream": "usage"}]


def test_asks_are_answered_so_far_apart_and_none_is_forgotten():
    acks = Acks(every=100, after_s=600, answer_s=10)
    acks.ask(CAM, 7, now=0)
    assert told(acks, 0) == [{"echo": 7, "stream": "usage"}]
    acks.ask(CAM, 8, now=1)
    acks.ask(CAM, 9, now=2)
    acks.ask(FAULTS, 1, now=2)
    assert told(acks, 9.9) == [{"echo": 1, "stream": "fault"}]
    assert told(acks, 10) == [{"echo": 9, "stream": "usage"}]
    assert told(acks, 99) == []


def test_a_full_stream_that_asks_too_often_waits_with_its_answer():
    acks = Acks(every=1, after_s=600, answer_s=10)
    acks.ask(CAM, 1, now=0)
    assert len(told(acks, 0)) == 1
    acks.confirm(CAM, BOOT, 5, now=1)
    acks.ask(CAM, 2, now=1)
    assert told(acks, 1) == []
    assert told(acks, 10) == [ack((5, 5)), {"echo": 2, "stream": "usage"}]


def test_flush_tells_everything_once():
    acks = Acks(every=100, after_s=600, answer_s=10)
    acks.confirm(CAM, BOOT, 1, now=0)
    acks.ask(FAULTS, 3, now=0)
    flushed = [json.loads(answer.payload) for answer in acks.flush()]
    assert flushed == [ack((1, 1)), {"echo": 3, "stream": "fault"}]
    assert list(acks.flush()) == []


def test_it_is_told_on_the_sources_down():
    acks = Acks(every=1, after_s=600, answer_s=10)
    acks.confirm(CAM, BOOT, 1, now=0)
    (answer,) = acks.due(0)
    assert answer.topic == CAM.down == f"pc/v1/{CAM.bucket}/devices/cam-1/down"


def test_duplicates_do_not_grow_it():
    assert merged([[1, 5], [2, 3], [5, 5], [7, 7]]) == [[1, 5], [7, 7]]
