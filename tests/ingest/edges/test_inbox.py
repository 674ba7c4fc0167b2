"""What waits in ingest is bounded where the sender promised nothing."""

import pytest

from services.ingest.domain.messages.message import Message
from services.ingest.edges.buckets import inbox as subject
from services.ingest.edges.buckets.inbox import Inbox

TOPIC = "pc/v1/0/devices/cam-1/up/usage"


def message(packet_id, connection, payload=b"{}"):
    return Message(TOPIC, payload, None, connection, packet_id)


@pytest.fixture
def inbox(monkeypatch):
    monkeypatch.setattr(subject, "UNPROMISED", 100)
    monkeypatch.setattr(subject, "UNPROMISED_BYTES", 10_000)
    return Inbox()


def test_a_flood_of_qos_0_is_cut_and_qos_1_is_not(inbox):
    here = object()
    flood = [message(None, here) for _ in range(500)]
    inbox.add(flood)
    assert len(inbox) == 100
    assert [m.settled for m in flood] == [False] * 100 + [True] * 400, "nothing waits for these"
    inbox.add([message(n + 1, here) for n in range(500)])
    assert len(inbox) == 600


def test_few_large_ones_are_a_flood_too(inbox):
    inbox.add([message(None, object(), b"x" * 2_000) for _ in range(50)])
    assert len(inbox) == 5


def test_what_is_taken_or_whose_connection_has_ended_makes_room(inbox):
    before, after = object(), object()
    inbox.add([message(None, before) for _ in range(100)])
    assert len(inbox.take(40)) == 40
    inbox.add([message(None, after) for _ in range(60)])
    assert len(inbox) == 100
    inbox.forget(before)
    assert len(inbox) == 40, "not kept over reconnects"
    inbox.add([message(None, after) for _ in range(100)])
    assert len(inbox) == 100
