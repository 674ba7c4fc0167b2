"""Settings from the environment: built once, frozen, and a mistake is named before anything starts."""

import ipaddress
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from shared import complaints, secret_files, unsafe
from shared.errors import BadSettings
from shared.stream.cluster import Cluster
from shared.unsafe import is_loopback
from shared.variables import fields, is_secret, secrets, variables

S = TypeVar("S", bound="ServiceSettings")

SERVICES = ("ingest", "journey", "support", "analytics", "console")
PREFIXES = (*(f"{service.upper()}_" for service in SERVICES), "PLAYCALLER_")
REFERENCE = "docs/reference/settings.md"
POSTGRES = "postgresql+asyncpg://"


class ServiceSettings(BaseSettings):
    """What every service needs to start. A service's own class adds to it.

    The environment name of a field is its name in upper case, or its `validation_alias`.
    """

    model_config = SettingsConfigDict(
        frozen=True, hide_input_in_errors=True, extra="ignore", populate_by_name=True
    )

    database_url: SecretStr = Field(
        description="The service's own PostgreSQL database.",
        examples=["postgresql://USER:PASSWORD@HOST:5432/NAME"],
    )
    kafka_bootstrap_servers: str = Field(
        description="Kafka brokers to begin with, separated by commas.",
        examples=["127.0.0.1:9092"],
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT",
        description="`PLAINTEXT` on loopback only; `SASL_PLAINTEXT` where the network is private.",
    )
    kafka_sasl_user: str = Field("", description="Our principal at Kafka, by SCRAM-SHA-512.")
    kafka_sasl_password: SecretStr = Field(SecretStr(""), description="Its password.")
    kafka_tls_ca_file: Path | None = Field(
        None, description="CA certificates that Kafka's is checked with; empty: the system's."
    )
    auth_keys_file: Path = Field(
        description="JWKS file with console's public keys: whose tokens are taken.",
        examples=["/run/secrets/keys.json"],
    )
    http_host: str = Field("127.0.0.1", description="Address the HTTP interface listens on.")
    http_port: int = Field(
        ge=0,
        le=65_535,
        description="Port of the HTTP interface; 0 takes a free one.",
        examples=["8081"],
    )
    http_tls_cert_file: Path | None = Field(
        None,
        description="PEM certificate of the HTTP interface, with its chain: it then speaks TLS.",
        examples=["/run/secrets/server.pem"],
    )
    http_tls_key_file: Path | None = Field(
        None,
        description="PEM private key of that certificate.",
        examples=["/run/secrets/server-key.pem"],
    )
    http_plain_behind_proxy: Literal["no", "yes"] = Field(
        "no",
        description="`yes`: plain HTTP on addresses besides loopback, because a proxy or a private "
        "network carries it.",
    )
    http_trusted_proxies: str = Field(
        "",
        description="Addresses or networks, separated by commas, whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` are believed.",
        examples=["10.0.3.7,10.0.4.0/24"],
    )
    http_rate_per_s: float = Field(
        100.0,
        gt=0,
        le=1_000_000,
        description="Requests a second that one account, key or service may send for ever.",
    )
    http_burst: int = Field(
        1_000, ge=1, le=1_000_000, description="Requests at once from one that was quiet before."
    )
    http_stranger_rate_per_s: float = Field(
        5.0,
        gt=0,
        le=1_000_000,
        description="The same for one address: requests to open routes, and as many that were "
        "refused (401).",
    )
    http_stranger_burst: int = Field(
        50, ge=1, le=1_000_000, description="The same for an address that was quiet before."
    )
    http_connections: int = Field(
        800, ge=10, le=100_000, description="Connections the HTTP interface holds at once."
    )
    http_connections_per_address: int = Field(
        200,
        ge=1,
        le=100_000,
        description="Connections at once from one address (IPv6: /64), trusted proxies excepted.",
    )
    clock: Literal["wall", "stream"] = Field(
        "wall", description="`stream` follows simulated time from beacons, for demo and rehearsal."
    )
    durability: Literal["replicated", "single"] = Field(
        "replicated",
        description="`single` permits one replica in Kafka; shown in `/readyz`.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Log lines below this level are left out."
    )
    kafka_session_s: float = Field(
        45.0,
        ge=1,
        le=1_800,
        description="Seconds without a sign of life before Kafka gives partitions to others.",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _safe(cls, value: object, info: ValidationInfo) -> object:
        """What holds for every setting of its kind, in every service."""
        if isinstance(value, str) and info.field_name is not None:
            unsafe.refuse_control(value)
            kind = cls.model_fields[info.field_name].annotation
            if kind is timedelta:
                unsafe.refuse_bare_span(value)
            if is_secret(kind):
                unsafe.refuse_placeholder(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres_by_asyncpg(cls, url: SecretStr) -> SecretStr:
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
            raise ValueError("it must begin with postgresql://")
        if not rest.partition("@")[2].partition("/")[2]:
            raise ValueError("it must name user, host and database")
        if not urlsplit(url.get_secret_value()).password:
            raise ValueError("it must carry a password")
        return SecretStr(POSTGRES + rest)

    @field_validator("http_trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        for element in filter(None, (part.strip() for part in text.split(","))):
            if ipaddress.ip_network(element).prefixlen == 0:  # raises ValueError
                raise ValueError("not everybody can be a proxy of yours")
        return text

    @model_validator(mode="after")
    def _tls_outside_loopback(self) -> Self:
        if (self.http_tls_cert_file is None) != (self.http_tls_key_file is None):
            raise ValueError("HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE come together")
        plain = self.http_tls_cert_file is None and self.http_plain_behind_proxy == "no"
        if plain and not is_loopback(self.http_host):
            raise ValueError(
                "HTTP_HOST is not loopback: set HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE, or "
                "HTTP_PLAIN_BEHIND_PROXY=yes where something else does TLS"
            )
        return self

    @model_validator(mode="after")
    def _kafka_knows_who_we_are(self) -> Self:
        if (why := self.kafka().why_unsafe()) is not None:
            raise ValueError(why)
        return self

    def kafka(self) -> Cluster:
        """How this service reaches Kafka, and as whom."""
        return Cluster(
            self.kafka_bootstrap_servers,
            self.kafka_security_protocol,
            self.kafka_sasl_user,
            self.kafka_sasl_password.get_secret_value(),
            self.kafka_tls_ca_file,
        )

    @override
    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: an instance never reads the environment by itself."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class _Given(EnvSettingsSource):
    """The environment as a mapping that was handed over."""

    def __init__(self, cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = {name.lower(): value for name, value in environ.items()}
        super().__init__(cls, env_ignore_empty=True)

    @override
    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name: value for name, value in self._environ.items() if value.strip()}


def load(cls: type[S], service: str, environ: Mapping[str, str] | None = None) -> S:
    """The settings of a service.

    Args:
        cls: the service's settings class.
        service: its name; variables with its prefix that the class does not know are refused.
            Other services' prefixes are theirs to judge: one environment may serve all.
        environ: in place of the process's environment.
    Raises: BadSettings: names every missing, malformed and unknown variable, never a value.
    """
    given = dict(os.environ) if environ is None else dict(environ)
    known = {variable.name: variable for variable in variables(cls)}
    resolved = secret_files.resolve(given, secrets(cls))
    wrong = [*complaints.unknown(service, given, known, PREFIXES), *resolved.complaints]
    try:
        settings = cls(**_Given(cls, resolved.environ)())
    except ValidationError as error:
        wrong += complaints.malformed(cls, known, given, resolved, error.errors())
    except SettingsError as error:
        named = [name for name, field in fields(cls) if f'"{field}"' in str(error)]
        wrong += [f"{name} is malformed: expected {known[name].kind}." for name in named]
    else:
        if not wrong:
            return settings
    lines = "\n".join(f"  - {line}" for line in sorted(wrong))
    raise BadSettings(f"{service} cannot start:\n{lines}\nAll settings: {REFERENCE}")
