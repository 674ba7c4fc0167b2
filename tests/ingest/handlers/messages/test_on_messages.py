"""What a chunk of messages becomes."""

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.ingest.domain.buckets.beacons import BucketClocks
from services.ingest.domain.messages import addresses
from services.ingest.domain.messages.message import Message
from services.ingest.domain.sources.ownership import Ownership
from services.ingest.domain.sources.source import Source
from services.ingest.handlers.messages.on_messages import Planner
from shared.clock import StreamClock
from shared.events import DEVICE_EVENTS, Telemetry, codec
from shared.stream.producer import partition_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOT = "9f1c2ab37d405e68"


class Fixed:
    def now(self) -> datetime:
        return NOW


def usage(seq: int | None = 1, **fields) -> dict:
    made = {"type": "usage", "boot": BOOT, "seq": seq, "at": "2026-03-01T11:00:00Z", "by": "person"}
    return {k: v for k, v in {**made, **fields}.items() if v is not None}


def message(
    payload, source="cam-1", stream="usage", *, at=NOW, kind="device", again=None
) -> Message:
    sent = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Message(addresses.up(kind, source, stream), sent, at, again=again)


def plan(messages, *sources, complete=True, blocked=(), planner=None):
    planner = planner or Planner(Fixed(), None)
    planner.sources_of(messages)
    known = {source.id: source for source in sources}
    return planner.plan(messages, known, complete=complete, blocked=set(blocked))


CAM = Source("cam-1", "device", model="cam-2", firmware="1.0", version=1)
ANNS = Source(
    "cam-1", "device", model="cam-2", version=2, owners=(Ownership("ann", NOW - 99 * HOUR),)
)


def test_the_headers_are_those_of_the_codec():
    found = plan([message(usage())], ANNS)
    (record,) = found.records
    event = codec.decode(record.value)
    assert isinstance(event, Telemetry)
    expected = dict(codec.headers(event, source="/cam-1/usage", id_=f"{BOOT}:1", subject="ann"))
    headers = dict(record.headers)
    assert headers.pop("traceparent").startswith(b"00-")
    assert headers == expected
    assert (record.topic, record.key) == ("device.usage", b"c:ann")
    assert record.partition == partition_of("device.usage", b"c:ann")


@pytest.mark.parametrize("type_", DEVICE_EVENTS, ids=lambda t: t.type_name())
def test_the_time_in_the_header_is_the_events(type_):
    fields = {
        "type": type_.type_name(), "by": "person", "every_s": 60, "code": "hot",
        "to_firmware": "2.0", "platform": "alexa",
    }  # fmt: skip
    wanted = {k: v for k, v in fields.items() if k in ("type", *type_.__struct_fields__)}
    payload = {"boot": BOOT, "seq": 1, "at": "2026-03-01T11:00:00.250+00:00", **wanted}
    (record,) = plan([message(payload, stream=type_.STREAM)], CAM).records
    event = codec.decode(record.value)
    assert dict(record.headers)["ce_time"].decode() == codec.rfc3339(event.at)
    assert dict(record.headers)["ce_type"] == codec.TYPE[type_]


def test_every_type_begins_with_type_and_at():
    for type_ in DEVICE_EVENTS:
        assert type_.__struct_fields__[0] == "at"


@pytest.mark.parametrize(
    ("source", "stream", "type_", "key"),
    [
        (CAM, "usage", {}, b"d:cam-1"),
        (ANNS, "usage", {}, b"c:ann"),
        (ANNS, "fault", {"type": "fault", "code": "hot"}, b"d:cam-1"),
        (ANNS, "lifecycle", {"type": "setup_started"}, b"c:ann"),
    ],
)
def test_keys(source, stream, type_, key):
    payload = {**usage(), **type_}
    if stream != "usage":
        del payload["by"]
    (record,) = plan([message(payload, stream=stream)], source).records
    assert record.key == key


def test_an_event_without_seq_is_known_by_its_content():
    found = plan([message(usage(seq=None, boot=None)), message(usage(seq=None, boot=None))], CAM)
    first, second = (dict(r.headers)["ce_id"] for r in found.records)
    assert first == second
    assert first.startswith(b"h:")
    assert found.confirmed == []


def test_an_unknown_source_is_refused_only_when_the_registry_could_be_asked():
    found = plan([message(usage())])
    ((_, reject),) = found.rejects
    assert (reject.reason, reject.boot, reject.seqs) == ("unknown_device", BOOT, [[1, 1]])
    assert found.bound == found.taken
    found = plan([message(usage())], complete=False)
    assert (found.rejects, found.taken, len(found.held)) == ([], [], 1)


def test_messages_behind_a_held_one_of_their_source_wait_too():
    other = Source("cam-2", "device", version=1)
    messages = [
        message({"ask": 1}),
        message(usage()),
        message(usage(2), source="cam-2"),
    ]
    found = plan(messages, other, complete=False)
    assert found.held == messages[:2]
    assert found.taken == messages[2:]
    found = plan(messages, CAM, other, blocked={"cam-1"})
    assert found.held == messages[:2]


def test_one_message_with_several_reasons():
    payload = [
        usage(1),
        usage(2, by="robot"),
        usage(3, by="robot"),
        usage(4, at="9999-12-31T00:00:00Z"),
        {},
    ]
    found = plan([message(payload)], CAM)
    assert codec.decode(found.records[0].value).seq == 1
    told = {(r.reason, tuple(map(tuple, r.seqs)), r.elements) for _, r in found.rejects}
    assert told == {
        ("out_of_range", ((2, 3),), 2),
        ("bad_time", ((4, 4),), 1),
        ("missing_field", (), 1),
    }
    by_reason = {r.reason: json.loads(r.payload) for _, r in found.rejects}
    assert by_reason["out_of_range"] == payload[1:3]
    assert by_reason["bad_time"][0]["seq"] == 4


def test_the_same_message_again_is_the_same_reject():
    first, again = (plan([message(b"{")], CAM).rejects[0][1] for _ in range(2))
    other = plan([message(b"{}")], CAM).rejects[0][1]
    assert first.id == again.id != other.id


def test_what_is_judged_again_is_cured_or_stays():
    found = plan([message(usage(), again="r1")], CAM)
    assert (found.cured, len(found.records), found.rejects) == (["r1"], 1, [])
    found = plan([message(usage(), again="r1")])
    assert (found.cured, found.records, found.rejects) == ([], [], [])


def test_unclaimed_lifecycle_facts_are_kept_for_the_claimer():
    payload = {"type": "setup_completed", "boot": BOOT, "seq": 1, "at": "2026-03-01T11:00:00Z"}
    found = plan([message(payload, stream="lifecycle")], CAM)
    (fact,) = found.facts
    assert fact.id == f"/cam-1/lifecycle#{BOOT}:1"
    assert found.bound == found.taken
    assert plan([message(payload, stream="lifecycle")], ANNS).facts == []


def test_a_closed_boot():
    source = Source("cam-1", "device", version=1, boots={BOOT: NOW - timedelta(days=401)})
    assert plan([message(usage())], source).rejects[0][1].reason == "boot_closed"


def test_a_source_that_begins_too_many_boots_is_refused_by_name():
    source = Source("cam-1", "device", version=1)
    sent = [message(usage(1, boot=f"{n:016x}")) for n in range(21)]
    found = plan([*sent, message(usage(2, boot=f"{3:016x}"))], source)
    assert len(found.confirmed) == 21  # 20, and a boot that is known
    ((_, reject),) = found.rejects
    assert (reject.reason, reject.boot) == ("too_many_boots", f"{20:016x}")
    tomorrow = message(usage(1, boot="f" * 16), at=NOW + 24 * HOUR)
    assert plan([tomorrow], source).rejects == []


def test_only_sound_addresses_are_remembered():
    planner = Planner(Fixed(), None)
    topics = [f"pc/v1/1/devices/cam-1/up/{n}{'s' * n}" for n in range(0, 5_000, 10)]
    messages = [Message(topic, b"{}", NOW) for topic in topics]
    found = plan(messages, CAM, planner=planner)
    assert {reject.reason for _, reject in found.rejects} == {"unknown_stream", "bad_topic"}
    assert planner._addresses == {}
    assert all(len(reject.topic) <= 200 for _, reject in found.rejects)


def test_a_new_boot_is_noted_once_a_day():
    source = Source("cam-1", "device", version=1)
    planner = Planner(Fixed(), None)
    assert plan([message(usage())], source, planner=planner).boots == {("cam-1", BOOT): NOW}
    assert plan([message(usage(2))], source, planner=planner).boots == {}


def test_heard_is_noted_every_some_minutes():
    planner = Planner(Fixed(), None)
    assert plan([message(usage())], CAM, planner=planner).heard == {"cam-1": NOW}
    soon, later = NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)
    assert plan([message(usage(2), at=soon)], CAM, planner=planner).heard == {}
    assert plan([message(usage(3), at=later)], CAM, planner=planner).heard == {"cam-1": later}


def tick(bucket: str, hours: int) -> Message:
    payload = {"now": (NOW + hours * HOUR).isoformat(), "step_s": 3600}
    return Message(addresses.clock_topic(bucket), json.dumps(payload).encode(), None)


def simulated(planner: Planner, messages, *sources):
    return plan(messages, *sources, planner=planner)


def test_beacons_are_refused_without_the_stream_clock():
    found = plan([tick("0", 1)])
    ((_, reject),) = found.rejects
    assert reject.reason == "no_stream_clock"


def test_a_bad_beacon_is_refused():
    planner = Planner(StreamClock(), BucketClocks({}))
    found = plan([Message(addresses.clock_topic("0"), b"{}", None)], planner=planner)
    assert found.rejects[0][1].reason == "bad_beacon"


def kinds(found) -> list[str]:
    """Records in order: an event's seq, or who is in a beacon; one of each beacon's 24 copies."""
    shown = []
    for record in found.records:
        value = msgspec.json.decode(record.value)
        if value["type"] == "beacon":
            if record.partition == 0 and record.topic == "device.usage":
                shown.append("".join(value["origins"]))
        else:
            shown.append(value["seq"])
    return shown


def test_a_beacon_stays_between_its_buckets_events():
    mine = addresses.bucket_of("cam-1")
    others = [b for b in "0123" if b != mine][:2]
    planner = Planner(StreamClock(), BucketClocks({}))
    messages = [
        tick(others[0], 0),
        tick(mine, 0),
        message(usage(1, at="2026-03-01T12:30:00Z"), at=None),
        tick(others[0], 1),
        tick(mine, 1),
        tick(others[1], 1),
    ]
    found = simulated(planner, messages, CAM)
    first, last = "".join(sorted([others[0], mine])), "".join(sorted([mine, *others]))
    assert kinds(found) == [first, 1, last]
    event = codec.decode(next(r.value for r in found.records if b'"usage"' in r.value[:20]))
    assert event.received_at == NOW + HOUR
    assert found.ticks.keys() == {mine, *others}
    topics = {(r.topic, r.partition) for r in found.records if b'"beacon"' in r.value[:20]}
    assert len(topics) == 24


def test_a_beacon_again_writes_nothing():
    planner = Planner(StreamClock(), BucketClocks({}))
    assert len(simulated(planner, [tick("0", 1)]).records) == 24
    found = simulated(planner, [tick("0", 1), tick("0", 0)])
    assert (found.records, len(found.taken), found.ticks) == ([], 2, {})
