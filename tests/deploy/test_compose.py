"""docker-compose.yml: what must hold of it, whoever edits it."""

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.prepare import environment
from shared.settings import SERVICES, ServiceSettings, load
from shared.variables import variables
from shared.web.routes.docs import STATIC
from tools.local import mosquitto as local_mosquitto

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
ALL: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
JOBS = {"prepare", "keys"}


def filled(text: str, given: str = "0f") -> str:
    """`text` with its variables filled in: their default, else `given`."""
    return VARIABLE.sub(
        lambda found: found["rest"][2:] if found["rest"].startswith(":-") else given, text
    )


def settings_of(service: str) -> type[ServiceSettings]:
    return importlib.import_module(f"services.{service}.settings").Settings


@pytest.mark.parametrize("name", ALL)
def test_is_published_on_this_machine_only(name: str) -> None:
    assert "network_mode" not in ALL[name]
    for port in ALL[name].get("ports", []):
        assert isinstance(port, str)
        assert filled(port).startswith("127.0.0.1:"), port


# who has to do with whom; a new line here is a new way from one to the other
NETWORKS = {
    "data": {"postgres", "kafka", "prepare", "keys", *SERVICES},
    "broker": {"mosquitto", "ingest"},
    "front": set(SERVICES),
    "devices": {"mosquitto"},
    "mail": {"mail", "console", "journey"},
}
NO_WAY_OUT = {"data", "broker"}


def networks_of(name: str) -> set[str]:
    """The networks of a container; without a word of them, everybody's."""
    return set(ALL[name].get("networks", ["default"]))


def test_who_is_on_which_network() -> None:
    found = {network: {n for n in ALL if network in networks_of(n)} for network in NETWORKS}
    assert found == NETWORKS
    assert COMPOSE["networks"].keys() == NETWORKS.keys()
    assert not [name for name in ALL if not networks_of(name) <= NETWORKS.keys()]


def test_no_way_leads_out_of_the_networks_of_servers() -> None:
    internal = {name for name, it in COMPOSE["networks"].items() if it.get("internal")}
    assert internal == NO_WAY_OUT


@pytest.mark.parametrize("name", ["postgres", "kafka", *sorted(JOBS)])
def test_who_holds_or_makes_the_data_is_reached_from_inside_only(name: str) -> None:
    assert networks_of(name) <= NO_WAY_OUT
    assert not {"ports", "expose", "extra_hosts"} & ALL[name].keys()


@pytest.mark.parametrize("name", ALL)
def test_who_has_a_way_out_publishes_a_port(name: str) -> None:
    assert bool(networks_of(name) - NO_WAY_OUT) == bool(ALL[name].get("ports"))


def test_whom_a_container_names_is_on_a_network_of_its_own() -> None:
    for name, it in ALL.items():
        for value in it.get("environment", {}).values():
            for other in re.findall(r"(?:://|@|^)(\w+):\d+", filled(value)):
                if (name, other) != ("keys", "mail"):  # it has console's settings and sends nothing
                    assert networks_of(name) & networks_of(other), f"{name} does not reach {other}"


def test_no_two_publish_the_same_port() -> None:
    published = [
        filled(port).split(":")[1] for each in ALL.values() for port in each.get("ports", [])
    ]
    assert len(published) == len(set(published))


@pytest.mark.parametrize("name", sorted(set(ALL) - JOBS))
def test_has_a_health_check(name: str) -> None:
    check = ALL[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries", "start_period"} <= check.keys()
    assert not {"curl", "wget"} & set(check["test"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_healthy_when_it_says_that_it_is_ready(name: str) -> None:
    assert ALL[name]["healthcheck"]["test"] == ["CMD", "python", "-I", "deploy/ready.py"]
    assert ALL[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("name", ALL)
def test_is_contained(name: str) -> None:
    it = ALL[name]
    assert it["cap_drop"] == ["ALL"]
    assert "cap_add" not in it
    assert it["security_opt"] == ["no-new-privileges:true"]  # and the engine's seccomp profile
    assert re.fullmatch(r"\d+[mg]", it["mem_limit"])
    assert 0 < it["pids_limit"] <= 512
    assert it["init"] is True
    assert it["read_only"] is True
    scratch = [where.split(":") for where in it["tmpfs"]]
    assert "/tmp" in {where for where, _ in scratch}  # noqa: S108
    assert all(re.match(r"size=\d+m", limits) for _, limits in scratch)
    assert it["restart"] == ("no" if name in JOBS else "unless-stopped")
    assert "privileged" not in it


@pytest.mark.parametrize("name", ALL)
def test_runs_as_nobody_special(name: str) -> None:
    """A number of its own; our image says it itself (the last test here)."""
    user = ALL[name].get("user", "10001:10001" if "build" in ALL[name] else "0:0")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user), user
    for forbidden in ("pid", "ipc", "userns_mode", "devices", "network_mode", "group_add"):
        assert forbidden not in ALL[name]
    for volume in ALL[name].get("volumes", []):
        assert "docker.sock" not in volume


@pytest.mark.parametrize("name", [*SERVICES, "prepare"])
def test_our_image_is_read_only_and_states_its_durability(name: str) -> None:
    assert ALL[name]["read_only"] is True
    assert ALL[name]["environment"]["DURABILITY"] == "single"
    assert ALL[name]["image"] == "playcaller:latest"


def test_no_secret_is_in_the_environment() -> None:
    for name, it in ALL.items():
        for key, value in it.get("environment", {}).items():
            secret = re.search(r"PASSWORD|SECRET|TOKEN|DATABASE_URL", key)
            assert secret is None or key.endswith("_FILE"), f"{name}: {key}"
            assert not re.search(r"://[^/]*:[^/]*@", value), f"{name}: {key} carries a password"


@pytest.mark.parametrize("name", ALL)
def test_it_gets_the_secrets_it_reads_and_no_others(name: str) -> None:
    text = yaml.safe_dump({k: v for k, v in ALL[name].items() if k != "secrets"})
    mounted = set(re.findall(r"/run/secrets/(\w+)", text))
    if name == "kafka":
        start = (ROOT / "deploy" / "kafka" / "start.sh").read_text("utf-8")
        mounted |= {f"kafka_{user}_password" for user in re.findall(r"\(password (\w+)\)", start)}
    assert mounted == set(ALL[name].get("secrets", []))
    assert mounted <= COMPOSE["secrets"].keys()


def test_a_services_secrets_are_its_own() -> None:
    """Only the servers and `prepare`, which sets it, know a service's secret beside the service."""
    for name in SERVICES:
        for secret in ALL[name].get("secrets", []):
            assert secret == f"kafka_{name}_password" or secret.startswith(f"{name}_"), secret


def test_every_variable_has_a_default() -> None:
    for found in VARIABLE.finditer(TEXT):
        assert re.fullmatch(r":-\d+", found["rest"]), found.group()


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of secrets as deploy/new-env.sh writes it."""
    project = tmp_path_factory.mktemp("project")
    (project / "deploy").mkdir()
    shutil.copy(ROOT / "deploy" / "new-env.sh", project / "deploy")
    subprocess.run(["sh", "deploy/new-env.sh"], cwd=project, check=True, capture_output=True)
    for file in (project / "secrets").iterdir():
        file.chmod(0o400)  # here they are not below /run/secrets
    return project / "secrets"


def environment_of(name: str, drawn: Path) -> dict[str, str]:
    """The environment of a container, its secrets read from where they are here."""
    return {
        key: filled(value).replace("/run/secrets", str(drawn))
        for key, value in ALL[name]["environment"].items()
    }


@pytest.mark.parametrize("name", SERVICES)
def test_its_environment_is_what_the_settings_know(name: str, drawn: Path) -> None:
    given = environment_of(name, drawn)
    assert given.keys() <= {variable.name for variable in variables(settings_of(name))}
    settings = load(settings_of(name), name, given)
    assert settings.durability == "single"
    kafka = settings.kafka()
    assert (kafka.user, kafka.protocol) == (name, "SASL_PLAINTEXT")
    assert f":{settings.http_port}" in filled(ALL[name]["ports"][0])


def test_each_service_has_a_database_of_its_own_and_prepare_makes_it(drawn: Path) -> None:
    prepared = environment.read(environment_of("prepare", drawn))
    assert prepared.single
    assert prepared.kafka.user == "prepare"
    for service in SERVICES:
        settings = load(settings_of(service), service, environment_of(service, drawn))
        url = prepared.database_urls[service]
        assert settings.database_url.get_secret_value().partition("://")[2] == url[13:]
        assert settings.kafka().password == prepared.kafka_passwords[service]
        assert re.fullmatch(rf"postgresql://{service}:\w+@postgres:5432/{service}", url)


def test_mounted_files_exist() -> None:
    for it in ALL.values():
        for volume in it.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
                assert volume.endswith(":ro"), volume
            else:
                assert source in COMPOSE["volumes"]


def test_the_image_runs_as_nobody_special_from_hashed_packages() -> None:
    assert (
        DOCKERFILE.index("trim.py") < DOCKERFILE.index("FROM scratch") < DOCKERFILE.index("USER ")
    )
    assert re.search(r"^ARG BASE=docker\.io/library/python:3\.11-slim$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes -r /tmp/requirements.lock" in DOCKERFILE
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user
    assert user[-1] != ("0", "0")
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    assert STATIC.is_relative_to(ROOT / "shared")  # or the API documentation stays behind


def words(config: str) -> list[str]:
    """The settings in a mosquitto.conf, without where things are."""
    lines = [line.strip() for line in config.splitlines()]
    places = ("user ", "pid_file ", "persistence_location ", "#")
    kept = [line for line in lines if line and not line.startswith(places)]
    return ["listener" if line.startswith("listener ") else line for line in kept]


def test_mails_that_open_accounts_travel_over_tls() -> None:
    """Console gives another machine nothing in clear, so the catcher has a certificate."""
    assert {"MP_SMTP_TLS_CERT", "MP_SMTP_TLS_KEY"} <= ALL["mail"]["environment"].keys()
    assert ALL["console"]["environment"]["SMTP_CA_FILE"].startswith("/run/playcaller/tls/")


def test_a_device_that_keeps_a_session_does_not_end_the_broker() -> None:
    """Before 2.1 it does, and with this word even sessions that never end (decision 13)."""
    image, tag = ALL["mosquitto"]["image"].rsplit(":", 1)
    assert image.endswith("/eclipse-mosquitto")
    assert tuple(int(n) for n in re.findall(r"\d+", tag)[:2]) >= (2, 1)
    text = (ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text("utf-8")
    assert "\npersistent_client_expiration" not in text + local_mosquitto.CONFIG


def test_both_brokers_are_configured_alike() -> None:
    here = words((ROOT / "deploy" / "mosquitto" / "mosquitto.conf").read_text("utf-8"))
    folder = "/mosquitto/broker"
    local = words(
        local_mosquitto.CONFIG.format(
            ports=(1, 2, 3, 4),
            host="127.0.0.1",
            user="nobody",
            data="/mosquitto/data",
            broker=folder,
            tls=local_mosquitto.TLS.format(broker=folder),
            autosave_s=local_mosquitto.Mosquitto.autosave_s,
        )
    )
    inner = here.index("listener")
    assert sorted(here[:inner]) == sorted(local[:inner])
    assert here[inner:] == local[inner:]
