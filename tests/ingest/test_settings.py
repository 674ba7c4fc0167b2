"""What an operator may turn, and what is refused by name."""

import pytest

from services.ingest.edges.account import account
from services.ingest.settings import Settings
from shared.errors import BadSettings
from shared.settings import load

ENVIRON = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1/x",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "0",
    "MQTT_URL": "mqtt://_ingest:x@127.0.0.1:1883",
}


def test_the_usual():
    settings = load(Settings, "ingest", ENVIRON)
    assert settings.ingest_buckets == "0123456789abcdef"
    assert (settings.ingest_ack_events, settings.ingest_ack_after_s) == (100, 600.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MQTT_URL", "http://127.0.0.1"),
        ("MQTT_URL", "mqtt://"),
        ("MQTT_URL", "mqtt://127.0.0.1:1883"),
        ("MQTT_URL", "mqtt://_ingest:x@broker:1883"),
        ("INGEST_MONITOR_URL", "mqtt://_monitor:x@10.0.0.7"),
        ("INGEST_BUCKETS", "g"),
        ("INGEST_BUCKETS", "f-0"),
        ("INGEST_BUCKETS", "0,,1"),
        ("INGEST_RECEIVE_MAXIMUM", "0"),
        ("INGEST_RECEIVE_MAXIMUM", "many"),
        ("INGEST_WAIT_MS", "6"),
        ("INGEST_ACK_EVENTS", "-1"),
    ],
)
def test_what_is_malformed_is_named(name, value):
    with pytest.raises(BadSettings, match=f"{name} is malformed"):
        load(Settings, "ingest", {**ENVIRON, name: value})


def test_what_is_missing_or_misspelt_is_named():
    environ = {k: v for k, v in ENVIRON.items() if k != "MQTT_URL"} | {"INGEST_BUCKET": "0"}
    with pytest.raises(BadSettings) as caught:
        load(Settings, "ingest", environ)
    assert "MQTT_URL is missing" in str(caught.value)
    assert "INGEST_BUCKET is not a setting" in str(caught.value)


def test_accounts():
    bare = account("mqtt://h", "")
    assert (bare.host, bare.port, bare.tls, bare.user, bare.password) == (
        "h",
        1883,
        None,
        None,
        None,
    )
    found = account("mqtts://pc:a%40b@h:99", "")
    assert (found.host, found.port, found.user, found.password) == ("h", 99, "pc", b"a@b")
    assert found.tls is not None
    assert found.tls.check_hostname
    assert "a@b" not in repr(found)
