"""MQTT topics of sources."""

import pytest

from services.ingest.domain.messages import addresses

CAM = addresses.bucket_of("cam-1")


@pytest.mark.parametrize(
    ("topic", "problem"),
    [
        (f"pc/v1/{CAM}/devices/cam-1/up/usage", None),
        (f"pc/v1/{CAM}/devices/cam-1/up/lifecycle", None),
        (f"pc/v1/{CAM}/apps/cam-1/up/app", None),
        (f"pc/v1/{CAM}/devices/cam-1/up/app", "unknown_stream"),
        (f"pc/v1/{CAM}/apps/cam-1/up/usage", "unknown_stream"),
        (f"pc/v1/{CAM}/devices/cam-1/up/gossip", "unknown_stream"),
        ("pc/v1/x/devices/cam-1/up/usage", "bad_topic"),
        (f"pc/v1/{'0' if CAM != '0' else '1'}/devices/cam-1/up/usage", "bad_topic"),
        (f"pc/v1/{CAM}/devices/CAM-1/up/usage", "bad_topic"),
        (f"pc/v1/{CAM}/devices//up/usage", "bad_topic"),
        (f"pc/v1/{CAM}/devices/{'a' * 65}/up/usage", "bad_topic"),
        (f"pc/v1/{CAM}/devices/c\u0430m-1/up/usage", "bad_topic"),  # Cyrillic
        ("something/else", "bad_topic"),
    ],
)
def test_what_is_wrong_with_a_topic(topic, problem):
    assert addresses.parse(topic).problem == problem


@pytest.mark.parametrize(("length", "problem"), [(200, "unknown_stream"), (201, "bad_topic")])
def test_a_topic_has_at_most_200_bytes(length, problem):
    topic = addresses.up("device", "cam-1", "")
    assert addresses.parse(topic + "x" * (length - len(topic))).problem == problem
    assert addresses.parse(topic + "\u00e4" * 100).problem == "bad_topic"


def test_up_and_down():
    found = addresses.parse(addresses.up("app", "phone-1", "app"))
    assert (found.kind, found.source, found.stream, found.problem) == (
        "app",
        "phone-1",
        "app",
        None,
    )
    assert found.down == f"pc/v1/{found.bucket}/apps/phone-1/down"
    assert found.ce_source == "/phone-1/app"


def test_clock_topics():
    assert addresses.clock_bucket("pc/v1/c/clock/up") == "c"
    assert addresses.clock_bucket("pc/v1/g/clock/up") is None
    assert addresses.clock_bucket(addresses.up("device", "clock", "usage")) is None
    assert addresses.clock_topic("c") in addresses.filters("c", clock=True)
    assert addresses.clock_topic("c") not in addresses.filters("c", clock=False)
