"""Settings: what an operator reads when one is wrong, and that no value is ever shown."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import Field, ValidationError

from shared.errors import BadSettings
from shared.settings import ServiceSettings, load
from shared.variables import table, variables

GOOD = {
    "DATABASE_URL": "postgresql://pc:s3cr3t@127.0.0.1:5432/ingest",
    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "AUTH_KEYS_FILE": "keys.json",
    "HTTP_PORT": "8081",
}


class Settings(ServiceSettings):
    """As a service writes it."""

    ingest_buckets: str = Field("0-f", description="Buckets this process owns.")
    ingest_ack_s: float = Field(600, gt=0, description="Seconds between two acks.")
    ingest_rules: list[str] = Field(default_factory=list, description="Rules to apply.")
    ingest_wait: timedelta = Field(timedelta(hours=72), description="A span.")
    map_path: Path = Field(Path("map.yaml"), validation_alias="INGEST_MAP", description="Map.")


def refusal(**changed: str | None) -> str:
    environ = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    with pytest.raises(BadSettings) as caught:
        load(Settings, "ingest", environ)
    return str(caught.value)


def test_given_values_and_defaults_become_one_frozen_object() -> None:
    settings = load(Settings, "ingest", {**GOOD, "INGEST_MAP": "a/b.yaml", "INGEST_ACK_S": "5"})

    url = settings.database_url.get_secret_value()
    assert url == "postgresql+asyncpg://pc:s3cr3t@127.0.0.1:5432/ingest"
    assert (settings.http_port, settings.clock, settings.durability) == (8081, "wall", "replicated")
    assert (settings.map_path, settings.ingest_ack_s) == (Path("a/b.yaml"), 5.0)
    assert "s3cr3t" not in repr(settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.http_port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"DATABASE_URL": None}, "DATABASE_URL is missing: set it to text (secret), e.g. postgresql://USER", id="missing"),
        pytest.param({"DATABASE_URL": " "}, "DATABASE_URL is missing", id="blank is missing"),
        pytest.param({"DATABASE_URL": None, "DATABASE_ULR": "x"}, "Is it what DATABASE_ULR was meant to be?", id="misspelt required"),
        pytest.param({"DATABASE_URL": "mysql://pc:s3cr3t@h/n"}, "DATABASE_URL is malformed: expected text (secret), e.g. postgresql://USER:PASSWORD@HOST:5432/NAME (it must begin with postgresql://)", id="wrong scheme"),
        pytest.param({"DATABASE_URL": "postgresql://127.0.0.1"}, "it must name user, host and database", id="no database"),
        pytest.param({"AUTH_KEYS_FILE": "keys.json",
"HTTP_PORT": "s3cr3t"}, "HTTP_PORT is malformed: expected a whole number from 0 to 65_535", id="not a number"),
        pytest.param({"AUTH_KEYS_FILE": "keys.json",
"HTTP_PORT": "65536"}, "less than or equal to 65535", id="out of range"),
        pytest.param({"CLOCK": "s3cr3t"}, "CLOCK is malformed: expected one of wall, stream", id="not one of"),
        pytest.param({"INGEST_ACK_S": "0"}, "INGEST_ACK_S is malformed: expected a number above 0", id="limit excluded"),
        pytest.param({"INGEST_RULES": "s3cr3t"}, "INGEST_RULES is malformed: expected JSON", id="not JSON"),
        pytest.param({"INGEST_WAIT": "s3cret"}, "INGEST_WAIT is malformed: expected a span of time", id="no span of time"),
        pytest.param({"INGEST_BUKETS": "s3cr3t"}, "INGEST_BUKETS is not a setting of ingest: did you mean INGEST_BUCKETS?", id="unknown, near one"),
        pytest.param({"INGEST_WHATEVER": "s3cr3t"}, "INGEST_WHATEVER is not a setting of ingest: remove it.", id="unknown, near none"),
        pytest.param({"PLAYCALLER_XYZ": "s3cr3t"}, "PLAYCALLER_XYZ is not a setting of ingest: remove it.", id="unknown of ours"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named_and_its_value_is_not(
    changed: dict[str, str | None], said: str
) -> None:
    message = refusal(**changed)

    assert said in message
    assert "s3cr3t" not in message


def test_everything_wrong_is_said_at_once() -> None:
    message = refusal(DATABASE_URL=None, HTTP_PORT="x", INGEST_NO="1")

    assert [line.split()[1] for line in message.splitlines() if line.startswith("  - ")] == [
        "DATABASE_URL",
        "HTTP_PORT",
        "INGEST_NO",
    ]


def test_another_services_variables_are_its_own_business() -> None:
    load(Settings, "ingest", {**GOOD, "JOURNEY_MAP": "x", "HOME": "/"})


def test_the_process_environment_is_read_only_by_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)

    assert load(Settings, "ingest").http_port == 8081
    with pytest.raises(ValidationError):
        Settings()  # type: ignore[call-arg]


def test_the_table_has_every_variable_once_with_its_services() -> None:
    lines = table({"ingest": Settings, "journey": ServiceSettings}).splitlines()

    for variable in variables(Settings):
        assert sum(f"| `{variable.name}` |" in line for line in lines) == 1
    assert "| `INGEST_BUCKETS` | text | `0-f` | ingest | Buckets this process owns. |" in lines
    assert any("`INGEST_WAIT` | a span of time (ISO 8601) | `P3D` |" in x for x in lines)
    assert any("`DATABASE_URL` | text (secret) | **required** | all |" in line for line in lines)
