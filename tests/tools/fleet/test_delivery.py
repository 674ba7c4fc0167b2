from datetime import datetime

import msgspec
import pytest

from services.ingest.domain.messages.decode import decode
from services.ingest.domain.messages.elements import Refused
from tools.fleet.crowd import Crowd
from tools.fleet.delivery import Habits, Source
from tools.fleet.ledger import Ledger
from tools.fleet.source import Rules
from tools.fleet.story import Setting

START = 1_780_000_000
HOUR = 3600
BOOT = "9f1c2ab37d405e68"


def device(**habits):
    return Source("cam-1", "devices", START, BOOT, Habits(**habits), Rules())


def beat(at, source="cam-1", stream="usage", kind="heartbeat"):
    return (at, source, stream, kind, {"every_s": 21_600})


def sent(source, until, **more):
    return list(source.send(until, 0.0, **more))


def elements(packet):
    read = msgspec.json.decode(packet.payload)
    return read if isinstance(read, list) else [read]


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


def test_a_line_powered_device_sends_one_message_per_event_at_once():
    d = device()
    d.live([beat(START + 10), beat(START + 500)])
    packets = sent(d, START + HOUR)
    assert [(p.sent, len(p.entries)) for p in packets] == [(START + 11, 1), (START + 501, 1)]
    assert msgspec.json.decode(packets[0].payload) == {
        "type": "heartbeat",
        "boot": BOOT,
        "seq": 1,
        "at": "2026-05-28T20:26:50Z",
        "sent": "2026-05-28T20:26:51Z",
        "every_s": 21_600,
    }


def test_what_happens_in_the_last_second_of_a_step_leaves_in_the_next():
    d = device()
    d.live([beat(START + HOUR)])
    assert sent(d, START + HOUR) == []
    assert d.has_fresh
    assert len(sent(d, START + 2 * HOUR)) == 1
    assert not d.has_fresh


def test_a_battery_device_collects_and_sends_an_array_when_it_wakes():
    d = device(wake_s=12 * HOUR, phase_s=100)
    d.live([beat(START + n * HOUR) for n in range(1, 12)])
    assert sent(d, START + 12 * HOUR) == []
    (packet,) = sent(d, START + 13 * HOUR)
    assert packet.sent == START + 12 * HOUR + 101
    assert [e["seq"] for e in elements(packet)] == list(range(1, 12))


def test_a_battery_device_reports_a_fault_at_once():
    d = device(wake_s=24 * HOUR)
    d.live([(START + 5, "cam-1", "fault", "fault", {"code": "wifi_weak"})])
    (packet,) = sent(d, START + HOUR)
    assert packet.sent == START + 6


def test_when_history_ends_nobody_waits_for_the_next_wake():
    d = device(wake_s=24 * HOUR, phase_s=0)
    d.live([beat(START + 5)])
    (packet,) = sent(d, START + HOUR, all_of_it=True)
    assert packet.sent == START + HOUR


def test_an_app_sends_a_session_as_one_message():
    app = Source("app-1", "apps", START, BOOT)
    app.live([(START + n, "app-1", "app", "app_opened", {}) for n in (5, 25, 40)])
    (packet,) = sent(app, START + HOUR)
    assert len(packet.entries) == 3
    assert packet.sent >= START + 40


def test_an_outage_ends_in_a_burst_with_true_times():
    d = device(offline=((START + HOUR, START + 50 * HOUR),))
    d.live([beat(START + 30)])
    d.live([beat(START + (2 + n) * HOUR) for n in range(48)])
    assert [len(p.entries) for p in sent(d, START + 40 * HOUR)] == [1]
    burst = sent(d, START + 51 * HOUR)
    assert [len(p.entries) for p in burst] == [48]
    assert burst[0].sent == START + 50 * HOUR + 5
    assert [seconds(e["at"]) for e in elements(burst[0])] == [
        START + (2 + n) * HOUR for n in range(48)
    ]


@pytest.mark.parametrize("off", [5 * HOUR, -30 * HOUR, -3 * 365 * 24 * HOUR])
def test_a_wrong_clock_shows_in_sent_as_much_as_in_at(off):
    d = device(clock_off_s=off)
    d.live([beat(START + 10)])
    (packet,) = sent(d, START + HOUR)
    (event,) = elements(packet)
    assert seconds(event["at"]) == START + 10 + off
    assert seconds(event["sent"]) == START + 11 + off


def test_lifo_sends_the_newest_first():
    d = device(lifo=True, wake_s=6 * HOUR)
    d.live([beat(START + n * 60) for n in range(1, 5)])
    (packet,) = sent(d, START + 12 * HOUR)
    assert [e["seq"] for e in elements(packet)] == [4, 3, 2, 1]


def test_a_resend_has_the_same_event_with_a_new_sent():
    d = device()
    d.live([beat(START + 10)])
    (first,) = sent(d, START + HOUR)
    stream = first.stream
    stream.echo(stream.ask(1.0))
    (again,) = d.resends(stream, START + 9 * HOUR, 2.0)
    before, after = elements(first)[0], elements(again)[0]
    assert seconds(after.pop("sent")) == START + 9 * HOUR
    before.pop("sent")
    assert after == before


def test_a_dropped_report_names_ranges_and_has_no_seq():
    d = Source("cam-1", "devices", START, BOOT, rules=Rules(ring=4))
    d.live([beat(START + n) for n in range(7)])
    report = d.dropped_report(d.streams["usage"], START + 60)
    (read,) = decode(report, "usage", "cam-1")
    assert (read.type_name(), read.ranges, read.seq) == ("dropped", [(1, 3)], None)


@pytest.mark.slow
@pytest.mark.parametrize("step", [HOUR, 6 * HOUR, 24 * HOUR])
def test_every_event_leaves_exactly_once_and_ingest_can_read_it(step):
    days = 20
    crowd = Crowd(60, Setting(days), 3, START, Rules(ring=10_000))
    end = START + days * 86_400
    told = set()
    for now in range(START + step, end + 1, step):
        crowd.tell(now)
        for source, packets in crowd.due(now, 0.0, last=now == end):
            for packet in packets:
                read = decode(packet.payload, packet.stream.name, source.id)
                assert not any(isinstance(each, Refused) for each in read)
                assert now - step < packet.sent <= now
                for each in read:
                    assert each.seq is not None
                    identity = (source.id, packet.stream.name, each.seq)
                    assert identity not in told
                    told.add(identity)
    ledger = Ledger()
    crowd.enter(ledger)
    assert sum(ledger.counts().values()) == len(told)
    assert all(not stream.fresh for s in crowd.sources.values() for stream in s.streams.values())
