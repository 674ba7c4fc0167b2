"""From a device to Kafka and back, on real servers."""

import hashlib
import json

import pytest

from tests.ingest.device import of_source, until, usage

pytestmark = pytest.mark.servers


async def test_an_event_becomes_a_record_with_headers_and_its_owners_key(ingest):
    source = await ingest.registered("cam", customer="cust-1")
    device = ingest.device(source)
    device.publish("usage", usage(7, command="live_view", mood="ann@example.org"))
    (record,) = await until(lambda: of_source(ingest.kafka, "device.usage", source))
    assert record["_key"] == b"c:cust-1"
    assert record["customer"] == "cust-1"
    assert record["model"] == "cam-2"
    assert record["extra"] == {"mood": "[mail]"}
    headers = record["_headers"]
    assert headers["ce_id"] == b"9f1c2ab37d405e68:7"
    assert headers["ce_source"] == f"/{source}/usage".encode()
    assert headers["ce_type"] == b"io.playcaller.usage.v1"
    assert headers["ce_subject"] == b"cust-1"
    assert headers["ce_time"].decode() == record["at"]
    assert headers["traceparent"].startswith(b"00-")


async def test_faults_stay_with_their_device(ingest):
    source = await ingest.registered("cam", customer="cust-2")
    device = ingest.device(source)
    device.publish("fault", {**usage(1), "type": "fault", "code": "hot", "by": None})
    (record,) = await until(lambda: of_source(ingest.kafka, "device.fault", source))
    assert record["_key"] == f"d:{source}".encode()
    assert record["customer"] == "cust-2"


async def test_acks_name_what_kafka_has(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    device.publish("usage", [usage(n) for n in (1, 2, 3, 9)])
    told = await device.heard("ack")
    assert told["ack"] == {
        "stream": "usage", "boot": "9f1c2ab37d405e68", "seq": [[1, 3], [9, 9]],
    }  # fmt: skip


async def test_an_ask_is_answered_after_everything_before_it(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    device.publish("usage", usage(1))
    device.publish("usage", {"ask": 41})
    assert (await device.heard("ack"))["ack"]["seq"] == [[1, 1]]
    assert await device.heard("echo") == {"echo": 41, "stream": "usage"}
    device.publish("usage", {"ask": 42})
    device.publish("usage", {"ask": 43})
    assert (await device.heard("echo"))["echo"] == 43


async def test_a_reject_is_kept_shown_and_answered(ingest):
    source = await ingest.registered("cam")
    device = ingest.device(source)
    device.publish("usage", [usage(1), usage(2, by="robot"), usage(3)])
    told = await device.heard("reject")
    assert told["reject"] == {
        "stream": "usage", "reason": "out_of_range", "boot": "9f1c2ab37d405e68", "seq": [[2, 2]],
    }  # fmt: skip
    payload = b'{"type":"usage","boot":'
    device.publish("usage", payload)
    told = await device.heard("reject")
    digest = hashlib.sha256(payload).hexdigest()
    assert told["reject"] == {"stream": "usage", "reason": "malformed_json", "sha256": digest}
    page = await ingest.get("/v1/rejects", source=source)
    assert [r["reason"] for r in page["items"]] == ["malformed_json", "out_of_range"]
    shown = await ingest.get(f"/v1/rejects/{page['items'][0]['id']}")
    assert shown["payload_text"] == payload.decode()
    seen = await until(lambda: of_source(ingest.kafka, "ingest.rejected", source))
    assert {r["reason"] for r in seen} == {"malformed_json", "out_of_range"}
    good = await of_source(ingest.kafka, "device.usage", source)
    assert [r["seq"] for r in good] == [1, 3]


async def test_an_unknown_device_that_becomes_known_is_judged_again(ingest):
    source = "late-to-the-registry"
    device = ingest.device(source)
    device.publish("usage", usage(5))
    assert (await device.heard("reject"))["reject"]["reason"] == "unknown_device"
    before = (await ingest.get("/v1/rejects/summary"))["unknown_device"]
    await ingest.post("/v1/devices", 201, json={"id": source, "model": "cam-2"})
    (record,) = await until(lambda: of_source(ingest.kafka, "device.usage", source))
    (kept,) = (await ingest.get("/v1/rejects", source=source))["items"]
    assert record["seq"] == 5
    assert record["received_at"] == kept["received_at"]
    assert kept["cured_at"] is not None
    assert (await ingest.get("/v1/rejects/summary")).get("unknown_device", 0) == before - 1


async def test_beacons_are_refused_on_the_wall_clock(ingest):
    device = ingest.device("nobody")
    payload = json.dumps({"now": "2026-01-01T00:00:00Z", "step_s": 60})
    device.client.publish("pc/v1/0/clock/up", payload, qos=1).wait_for_publish(10)
    device.publish("usage", {"ask": 1})  # nobody subscribed to the clock: nothing is stored
    await device.heard("echo")
    assert await of_source(ingest.kafka, "device.usage", "nobody") == []
