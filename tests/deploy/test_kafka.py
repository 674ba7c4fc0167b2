"""Kafka itself takes the configuration in docker-compose.yml."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tools.local.kafka import CONFIG, java, libraries

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
ENVIRONMENT = COMPOSE["services"]["kafka"]["environment"]
# the image gives these to the start script; everything else becomes a property
NO_PROPERTY = {"KAFKA_HEAP_OPTS"}


def properties(folder: Path) -> dict[str, str]:
    """What the image makes of the environment: KAFKA_A_B is a.b."""
    made = {
        key.removeprefix("KAFKA_").lower().replace("_", "."): value
        for key, value in ENVIRONMENT.items()
        if key.startswith("KAFKA_") and key not in NO_PROPERTY
    }
    made["advertised.listeners"] = made["advertised.listeners"].replace("${KAFKA_PORT:-29092}", "1")
    return {**made, "log.dirs": str(folder / "log")}


@pytest.mark.servers
def test_it_formats_a_log_with_it(tmp_path: Path) -> None:
    config = tmp_path / "server.properties"
    config.write_text("".join(f"{k}={v}\n" for k, v in properties(tmp_path).items()), "utf-8")
    said = subprocess.run(
        [java(), "-Xmx128m", "-cp", f"{libraries()}{os.sep}*", "kafka.tools.StorageTool",
         "format", "-t", ENVIRONMENT["CLUSTER_ID"], "-c", str(config)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    assert (tmp_path / "log" / "meta.properties").exists()
    assert "WARN" not in said.stdout + said.stderr


def test_every_property_is_one_that_the_local_kafka_has_too(tmp_path: Path) -> None:
    # Kafka ignores a misspelt one in silence
    known = {line.partition("=")[0] for line in CONFIG.splitlines()}
    assert properties(tmp_path).keys() <= known


def test_one_copy_of_everything_is_enough_for_it() -> None:
    for key, value in ENVIRONMENT.items():
        if key.endswith(("REPLICATION_FACTOR", "MIN_ISR")):
            assert value == "1", key
