"""Kafka's configuration in containers; tests/deploy/test_principals.py runs it."""

import re
from pathlib import Path

import pytest
import yaml

from tools.local.kafka import CONFIG

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy" / "kafka" / "server.properties").read_text("utf-8")
PROPERTIES = dict(
    line.partition("=")[::2] for line in TEXT.splitlines() if line and not line.startswith("#")
)
IT = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]["kafka"]
# Kafka ignores a misspelt property in silence; these are known from its documentation
WHO_MAY = {
    "sasl.enabled.mechanisms",
    "sasl.mechanism.inter.broker.protocol",
    "sasl.mechanism.controller.protocol",
    "authorizer.class.name",
    "allow.everyone.if.no.acl.found",
    "super.users",
    "connection.failed.authentication.delay.ms",
}


def test_every_property_is_one_that_kafka_has() -> None:
    local = {line.partition("=")[0] for line in CONFIG.splitlines()}
    assert PROPERTIES.keys() - local == WHO_MAY


@pytest.mark.parametrize(
    "key", [k for k in PROPERTIES if k.endswith(("replication.factor", "min.isr"))]
)
def test_one_copy_of_everything_is_enough_for_it(key: str) -> None:
    assert PROPERTIES[key] == "1"


def test_everybody_who_connects_has_a_name_and_nothing_is_allowed_by_default() -> None:
    protocols = PROPERTIES["listener.security.protocol.map"]
    assert set(re.findall(r":(\w+)", protocols)) == {"SASL_PLAINTEXT"}
    assert PROPERTIES["sasl.enabled.mechanisms"] == "SCRAM-SHA-512"
    assert PROPERTIES["authorizer.class.name"].endswith(".StandardAuthorizer")
    assert PROPERTIES["allow.everyone.if.no.acl.found"] == "false"
    assert PROPERTIES["super.users"] == "User:broker;User:prepare"


def test_nobody_outside_its_container_reaches_the_controller() -> None:
    assert "CONTROLLER://127.0.0.1:" in PROPERTIES["listeners"]


def test_it_is_reached_by_containers_and_by_nobody_else() -> None:
    assert IT["command"] == ["bash", "/etc/playcaller/kafka/start.sh"]
    assert IT["networks"] == ["data"]
    assert "ports" not in IT
    assert PROPERTIES["advertised.listeners"] == "INSIDE://kafka:9092"


def test_its_data_is_where_the_volume_is() -> None:
    assert f"kafka:{PROPERTIES['log.dirs']}" in IT["volumes"]
