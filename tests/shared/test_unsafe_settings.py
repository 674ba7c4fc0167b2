"""What would be unsafe stops the start of every service, with the key's name and never its value.

Rows 38 and 39 of the bad-input matrix. `clean_start` is no setting: tests/ingest asserts that the
session is kept. Consumer groups and client ids are none either: the last tests here.
"""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.errors import BadSettings
from shared.events.topics import TOPICS
from shared.settings import SERVICES, ServiceSettings, load
from shared.stream.admin import ensure_topics, wait_for_topics
from shared.variables import is_secret, variables
from tests.given import ENVIRON

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDERS = ("changeme", "Change-Me!", "password", "secret", "<password>", "example", "PASSWORD")
PLACEHOLDERS += ("${DB_PASSWORD}", "{{ password }}", "xxxxxxxx", "todo", "******")
CRLF = "a\r\nSet-Cookie: x=1"
VALUE = "v4lue"


def settings_of(service: str) -> type[ServiceSettings]:
    return importlib.import_module(f"services.{service}.settings").Settings


def kinds(service: str, *wanted: type) -> Iterator[str]:
    """Names of the settings of these types."""
    cls = settings_of(service)
    for name, info in cls.model_fields.items():
        if info.annotation in wanted or (SecretStr in wanted and is_secret(info.annotation)):
            alias = info.validation_alias
            yield (alias if isinstance(alias, str) else name).upper()


def each(*wanted: type) -> list[tuple[str, str]]:
    return [(service, name) for service in SERVICES for name in kinds(service, *wanted)]


def complaint(service: str, environ: dict[str, str]) -> str:
    """The only line about a setting, of a service that refuses to start."""
    with pytest.raises(BadSettings) as refused:
        load(settings_of(service), service, environ)
    said = str(refused.value)
    assert said.startswith(f"{service} cannot start:\n")
    lines = [line for line in said.splitlines() if line.startswith("  - ")]
    assert len(lines) == 1, said
    return lines[0]


def with_secret(name: str, secret: str) -> str:
    """A value of the setting with this secret in it; where it is a URL, the password."""
    head = {
        "DATABASE_URL": "postgresql://pc:{}@127.0.0.1:1/x",
        "MQTT_URL": "mqtt://ingest:{}@127.0.0.1:1",
        "INGEST_MONITOR_URL": "mqtt://monitor:{}@127.0.0.1:1",
        "SMTP_URL": "smtp://mail:{}@127.0.0.1:1",
    }.get(name, "{}")
    return head.format(secret.replace("{", "%7B").replace("}", "%7D") if "://" in head else secret)


@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_of_these_tests_is_a_good_one(service):
    assert load(settings_of(service), service, ENVIRON).durability == "replicated"


@pytest.mark.parametrize(("service", "name"), each(SecretStr))
def test_a_placeholder_is_no_secret(service, name):
    for placeholder in PLACEHOLDERS:
        said = complaint(service, {**ENVIRON, name: with_secret(name, placeholder)})
        assert said.startswith(f"  - {name} is malformed: ")
        assert "placeholder" in said
        if placeholder.lower() not in {"secret", "password", "example"}:  # our own words
            assert placeholder not in said


@pytest.mark.parametrize(
    ("service", "name"), [(s, n) for s, n in each(SecretStr) if n.endswith("_URL")]
)
def test_a_user_is_not_a_password(service, name):
    scheme, _, rest = with_secret(name, VALUE).partition("://")
    twice = f"{scheme}://{VALUE}:{rest.partition(':')[2]}"
    assert "the password is the user's name" in complaint(service, {**ENVIRON, name: twice})


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_required_setting_that_is_unset_or_blank(service, blank):
    for variable in variables(settings_of(service)):
        if variable.default is None:
            environ = {**ENVIRON, variable.name: blank or ""}
            if blank is None:
                del environ[variable.name]
            said = complaint(service, environ)
            assert said.startswith(f"  - {variable.name} is missing: set it to")


def test_a_database_without_a_password_is_refused():
    said = complaint("support", {**ENVIRON, "DATABASE_URL": "postgresql://pc@127.0.0.1/x"})
    assert "DATABASE_URL is malformed" in said
    assert "it must carry a password" in said


@pytest.mark.parametrize(("service", "name"), each(int, float))
@pytest.mark.parametrize("number", ["-1", "9" * 30, "9" * 5_000, "1e999", "nan", "inf", "0x10"])
def test_a_number_out_of_its_range(service, name, number):
    said = complaint(service, {**ENVIRON, name: number})
    assert said.startswith(f"  - {name} is malformed: expected a")
    assert number not in said.replace("infinity", "") or number == "-1"


@pytest.mark.parametrize(("service", "name"), each(timedelta))
@pytest.mark.parametrize(
    "span", ["30", "30.5", "1800s", "00:30:00", "-PT30M", "P99999D", "P999999999999D", "P", "soon"]
)
def test_a_span_of_time_without_a_unit_or_out_of_its_range(service, name, span):
    said = complaint(service, {**ENVIRON, name: span})
    assert said.startswith(f"  - {name} is malformed: expected a span of time (ISO 8601)")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("bad", [CRLF, "a\nb", "a\rb", "a\x00b", "a\x1b[31mb", "a\u2028b"])
def test_a_line_break_or_control_character_in_any_value(service, bad):
    for variable in variables(settings_of(service)):
        if variable.name.endswith("_FILE") and f"{variable.name[:-5]}" in ENVIRON:
            continue  # set beside it: refused for that
        said = complaint(service, {**ENVIRON, variable.name: bad})
        assert said.startswith(f"  - {variable.name} is malformed: ")
        assert "Set-Cookie" not in said
        assert "\x1b" not in said


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("{}_NO_SUCH_THING", None),
        ("PLAYCALLER_NO_SUCH_THING", None),
        ("DURABILTY", "DURABILITY"),
        ("KAFKA_SESION_S", "KAFKA_SESSION_S"),
        ("HTTP_PLAIN_BEHIND_PROXI", "HTTP_PLAIN_BEHIND_PROXY"),
    ],
)
def test_an_unknown_key(service, key, meant):
    name = key.format(service.upper())
    said = complaint(service, {**ENVIRON, name: VALUE})
    assert said.startswith(f"  - {name} is not a setting of {service}: ")
    assert (f"did you mean {meant}?" if meant else "remove it.") in said
    assert VALUE not in said


def test_what_belongs_to_others_is_left_alone():
    others = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "BLOCK", "LOCK", "KAFKA_HOME"), VALUE)
    assert load(settings_of("journey"), "journey", {**ENVIRON, **others})


@pytest.mark.parametrize(
    ("service", "name", "value"),
    [
        ("console", "CONSOLE_OIDC_ISSUER", "http://login.example.org"),
        ("console", "CONSOLE_OIDC_ISSUER", "https://"),
        ("console", "CONSOLE_OIDC_ISSUER", "javascript:alert(1)"),
        ("console", "CONSOLE_URL", "http://console.example.org"),
        ("console", "SMTP_URL", "smtp://mail:v4lue@mail.example.org"),
        ("ingest", "MQTT_URL", "mqtt://ingest:v4lue@broker.example.org"),
        ("ingest", "INGEST_MONITOR_URL", "mqtt://monitor:v4lue@broker.example.org"),
        ("support", "SUPPORT_CONSOLE_URL", "http://console.example.org"),
        ("support", "SUPPORT_CONSOLE_URL", "file:///etc/passwd"),
        ("support", "SUPPORT_JOURNEY_URL", "http://journey.example.org"),
        *((service, "HTTP_HOST", "0.0.0.0") for service in SERVICES),  # noqa: S104
    ],
)
def test_what_others_could_listen_to(service, name, value):
    plain = {k: v for k, v in ENVIRON.items() if not k.startswith("HTTP_TLS")}
    environ = plain if name == "HTTP_HOST" and service != "console" else ENVIRON
    said = complaint(service, {**environ, name: value})
    assert name in said
    assert "v4lue" not in said


NAMED = {"KAFKA_SASL_USER": "pc", "KAFKA_SASL_PASSWORD": VALUE}
BY_TLS = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}, "KAFKA_BOOTSTRAP_SERVERS is not loopback"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1,kafka:9092"}, "KAFKA_BOOTSTRAP_SERVERS is not"),
        ({"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", **NAMED}, "but KAFKA_SECURITY_PROTOCOL is"),
        ({"KAFKA_SECURITY_PROTOCOL": "SSL"}, "KAFKA_SECURITY_PROTOCOL is malformed"),
        (BY_TLS, "KAFKA_SASL_USER and KAFKA_SASL_PASSWORD are needed"),
        ({**BY_TLS, "KAFKA_SASL_USER": "pc"}, "KAFKA_SASL_USER and KAFKA_SASL_PASSWORD are needed"),
    ],
)
def test_a_kafka_that_does_not_know_who_we_are(service, changed, named):
    said = complaint(service, {**ENVIRON, **changed})
    assert named in said
    assert VALUE not in said


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
def test_a_kafka_elsewhere_is_reached_with_a_name(protocol):
    environ = {**ENVIRON, **NAMED, "KAFKA_SECURITY_PROTOCOL": protocol}
    environ["KAFKA_BOOTSTRAP_SERVERS"] = "a:9092, b:9092"
    kafka = load(settings_of("support"), "support", environ).kafka()
    assert kafka.addresses == ["a:9092", "b:9092"]
    assert VALUE not in repr(kafka)
    assert VALUE not in str(kafka)


@pytest.mark.servers
async def test_one_copy_needs_durability_single(kafka):
    await ensure_topics(kafka, single=True)
    for refused in (wait_for_topics(kafka, single=False), ensure_topics(kafka, single=False)):
        with pytest.raises(BadSettings, match="DURABILITY is replicated, but") as caught:
            await refused
        assert "device.fault has 1 replica" in str(caught.value)
    await wait_for_topics(kafka, single=True)


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICES)
def test_the_process_ends_with_a_code_and_one_line(service):
    """As an operator sees it."""
    bad = {**ENVIRON, "DATABASE_URL": "postgresql://pc:changeme@127.0.0.1/x"}
    ended = subprocess.run(
        [sys.executable, "-m", f"services.{service}"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], **bad}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    first, about, *rest = ended.stderr.splitlines()
    assert first == f"{service} cannot start:"
    assert about.startswith("  - DATABASE_URL is malformed: ")
    assert "the password is a placeholder" in about
    assert rest == ["All settings: docs/reference/settings.md"]
    assert "changeme" not in ended.stdout + ended.stderr


def test_no_two_services_share_a_consumer_group_or_client_id():
    """They are the services' names, which nobody can set; Kafka's rights hold each to its own."""
    for topic in TOPICS:
        assert set(topic.consumers) <= set(SERVICES)
        assert len(set(topic.consumers)) == len(topic.consumers)
    for service in SERVICES:
        for variable in variables(settings_of(service)):
            assert not {"GROUP", "CLIENTID"} & set(variable.name.split("_")), variable.name
