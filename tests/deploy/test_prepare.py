"""The job `prepare`: what it needs said, what it makes, and that a second run changes nothing."""

import subprocess
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from deploy.prepare import databases, environment
from deploy.prepare.__main__ import prepare
from shared.errors import BadSettings
from shared.settings import SERVICES
from shared.stream.admin import wait_for_topics
from shared.stream.cluster import Cluster
from tools.local.postgres import _program

EVERYBODY = "everybody may read the file (mode 0644): chmod 600."
ROOT = Path(__file__).resolve().parents[2]
GIVEN = {
    "ADMIN_DATABASE_URL": "postgresql://postgres:s3cr3t@127.0.0.1:5432/postgres",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "DURABILITY": "single",
    **{
        f"{s.upper()}_DATABASE_URL": f"postgresql://{s}:s3cr3t@127.0.0.1:5432/{s}" for s in SERVICES
    },
}


@pytest.mark.parametrize("name", GIVEN)
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(BadSettings, match=f"- {name} is missing") as refused:
        environment.read({**GIVEN, name: " "})
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_DATABASE_URL", "mysql://root:s3cr3t@127.0.0.1/x"),
        ("SUPPORT_DATABASE_URL", "s3cr3t"),
        ("SUPPORT_DATABASE_URL", "postgresql://support:changeme@127.0.0.1/support"),
        ("SUPPORT_DATABASE_URL", "postgresql://support:support@127.0.0.1/support"),
        ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1\r\ns3cr3t"),
        ("DURABILITY", "s3cr3t"),
    ],
)
def test_a_malformed_variable_is_named_without_its_value(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"- {name} is malformed") as refused:
        environment.read({**GIVEN, name: value})
    assert "s3cr3t" not in str(refused.value)


def test_where_kafka_asks_for_names_every_service_needs_a_password() -> None:
    asked = {**GIVEN, "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_USER": "prepare"}
    with pytest.raises(BadSettings) as refused:
        environment.read(asked)
    assert str(refused.value).splitlines()[1:] == [
        f"  - {name} is missing (or {name}_FILE)."
        for name in (
            "KAFKA_SASL_PASSWORD",
            *(f"{service.upper()}_KAFKA_PASSWORD" for service in SERVICES),
        )
    ]


def test_a_kafka_elsewhere_is_not_reached_without_a_name() -> None:
    with pytest.raises(BadSettings, match="KAFKA_BOOTSTRAP_SERVERS is not loopback"):
        environment.read({**GIVEN, "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(GIVEN["SUPPORT_DATABASE_URL"] + "\n", "utf-8")
    file.chmod(0o600)
    environ = {k: v for k, v in GIVEN.items() if k != "SUPPORT_DATABASE_URL"}
    environ["SUPPORT_DATABASE_URL_FILE"] = str(file)
    assert environment.read(environ) == environment.read(GIVEN)
    file.chmod(0o644)
    with pytest.raises(BadSettings) as refused:
        environment.read({**environ, "ADMIN_DATABASE_URL_FILE": str(file)})
    assert str(refused.value).splitlines()[1:] == [
        "  - ADMIN_DATABASE_URL and ADMIN_DATABASE_URL_FILE are both set: keep one of them.",
        "  - SUPPORT_DATABASE_URL_FILE is malformed: " + EVERYBODY,
    ]


@pytest.mark.servers
async def test_twice_with_another_password_in_between(postgres, kafka) -> None:
    admin = make_url(await postgres.database("prepare")).set(
        drivername="postgresql", username="postgres",
        password=postgres.server._password("postgres"), database="postgres",
    )  # fmt: skip

    def given(password: str) -> environment.Environment:
        urls = {
            service: admin.set(username=f"p_{service}", password=password, database=f"p_{service}")
            for service in SERVICES
        }
        text = {s: url.render_as_string(hide_password=False) for s, url in urls.items()}
        return environment.Environment(
            admin.render_as_string(hide_password=False), text, Cluster(kafka), {}, single=True
        )

    for password in ("first", "it's another"):
        now = given(password)
        await prepare(now)
        await wait_for_topics(kafka)
        for url in now.database_urls.values():
            own = await asyncpg.connect(url)
            tables = await own.fetchval(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            )
            assert tables > 6
            assert not await own.fetchval(
                "SELECT has_database_privilege('p_ingest', $1, 'connect')", "p_support"
            )
            for statement in ("DROP TABLE audit", "DELETE FROM audit", "CREATE TABLE mine ()"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await own.execute(statement)
            await own.close()


@pytest.mark.servers
async def test_a_wrong_password_stops_it(postgres) -> None:
    url = make_url(await postgres.database("wrong")).set(drivername="postgresql", password="wrong")
    with pytest.raises(BadSettings, match="ADMIN_DATABASE_URL: PostgreSQL refuses"):
        await databases.prepare(url.render_as_string(hide_password=False), {})


@pytest.mark.parametrize(
    ("setting", "value"), [("max_connections", "120"), ("jit", "off"), ("synchronous_commit", "on")]
)
def test_postgresql_takes_its_configuration(tmp_path: Path, setting: str, value: str) -> None:
    program = _program("postgres")
    config = f"config_file={ROOT / 'deploy' / 'postgres' / 'postgresql.conf'}"
    said = subprocess.run(
        [str(program), "-C", setting, "-D", str(tmp_path), "-c", config],  # -C first: root may ask
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.stdout.strip() == value, said.stderr
