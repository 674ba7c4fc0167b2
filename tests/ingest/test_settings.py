"""What an operator may turn, and what is refused by name."""

from datetime import timedelta

import pytest

from services.ingest.edges.broker.account import account
from services.ingest.settings import Settings
from shared.clock import wall_now
from shared.errors import BadSettings
from shared.pki_files import PkiFiles
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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"MQTT_URL": "mqtts://_ingest@h"}, "MQTT_URL must carry a password", id="neither"),
        pytest.param(
            {"INGEST_MONITOR_URL": "mqtts://_monitor@h"},
            "INGEST_MONITOR_URL must carry a password",
            id="the monitor neither",
        ),
        pytest.param(
            {"MQTT_URL": "mqtt://_ingest@127.0.0.1", "INGEST_ACCOUNTS_FOLDER": "/x"},
            "MQTT_URL must begin with mqtts://",
            id="a certificate without TLS",
        ),
    ],
)  # fmt: skip
def test_an_account_shows_who_it_is(given, said):
    with pytest.raises(BadSettings, match=said):
        load(Settings, "ingest", {**ENVIRON, **given})


def test_an_account_signs_in_with_its_certificate(tmp_path):
    pki = PkiFiles(tmp_path / "pki").ensure(wall_now())
    folder, url = tmp_path / "accounts", "mqtts://_ingest@h:8884"
    with pytest.raises(BadSettings, match=r"_ingest\.pem and _ingest-key\.pem cannot be used"):
        account(url, str(pki.ca), folder)
    pki.ensure_accounts(["_ingest"], folder, wall_now())
    first = (folder / "_ingest.pem").read_bytes()
    found = account(url, str(pki.ca), folder)
    assert (found.user, found.password) == ("_ingest", None)
    pki.ensure_accounts(["_ingest"], folder, wall_now())
    assert (folder / "_ingest.pem").read_bytes() == first
    pki.ensure_accounts(["_ingest"], folder, wall_now() + timedelta(days=340))
    assert (folder / "_ingest.pem").read_bytes() != first, "made anew before it ends"


def test_a_new_authority_gives_new_certificates(tmp_path):
    folder = tmp_path / "accounts"
    PkiFiles(tmp_path / "old").ensure(wall_now()).ensure_accounts(["_ingest"], folder, wall_now())
    first = (folder / "_ingest.pem").read_bytes()
    PkiFiles(tmp_path / "new").ensure(wall_now()).ensure_accounts(["_ingest"], folder, wall_now())
    assert (folder / "_ingest.pem").read_bytes() != first
