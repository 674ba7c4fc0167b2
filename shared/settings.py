"""Settings from the environment: built once, frozen, and a mistake is named before anything starts."""

import difflib
import ipaddress
import os
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, Union, get_args, get_origin

from pydantic import (
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from shared.errors import BadSettings

S = TypeVar("S", bound="ServiceSettings")

SERVICES = ("ingest", "journey", "support", "analytics", "console")
PREFIXES = (*(f"{service.upper()}_" for service in SERVICES), "PLAYCALLER_")
REFERENCE = "docs/reference/settings.md"
POSTGRES = "postgresql+asyncpg://"

TOOL_VARIABLES: dict[str, str] = {}
"""`PLAYCALLER_` variables of the tools with their meaning: no service reads or refuses them."""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


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

    @field_validator("database_url")
    @classmethod
    def _postgres_by_asyncpg(cls, url: SecretStr) -> SecretStr:
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
            raise ValueError("it must begin with postgresql://")
        if not rest.partition("@")[2].partition("/")[2]:
            raise ValueError("it must name user, host and database")
        return SecretStr(POSTGRES + rest)

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


@dataclass(frozen=True)
class Variable:
    """One environment variable as the reference shows it."""

    name: str
    kind: str
    default: str | None
    meaning: str
    example: str | None


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
    complaints = list(_unknown(service, given, known))
    try:
        settings = cls(**_Given(cls, given)())
    except ValidationError as error:
        complaints += [_complaint(cls, known, given, each) for each in error.errors()]
    except SettingsError as error:
        named = [name for name, field in _fields(cls) if f'"{field}"' in str(error)]
        complaints += [f"{name} is malformed: expected {known[name].kind}." for name in named]
    else:
        if not complaints:
            return settings
    lines = "\n".join(f"  - {line}" for line in sorted(complaints))
    raise BadSettings(f"{service} cannot start:\n{lines}\nAll settings: {REFERENCE}")


def variables(cls: type[ServiceSettings]) -> tuple[Variable, ...]:
    """The environment variables of a settings class, in the order of its fields."""
    made = []
    for name, field in _fields(cls):
        info = cls.model_fields[field]
        if info.default_factory is not None:
            default: Any = info.get_default(call_default_factory=True, validated_data={})
        else:
            default = info.default
        example = str(info.examples[0]) if info.examples else None
        shown = None if default is PydanticUndefined else _shown(default)
        made.append(Variable(name, _kind(info), shown, info.description or "", example))
    return tuple(made)


def table(classes: Mapping[str, type[ServiceSettings]]) -> str:
    """All environment variables as one Markdown table.

    Args:
        classes: settings class by service name, in the order services are shown.
    """
    rows: dict[Variable, list[str]] = {}
    for service, cls in classes.items():
        for variable in variables(cls):
            rows.setdefault(variable, []).append(service)
    lines = ["| variable | value | default | services | meaning |", "|---|---|---|---|---|"]
    for v, services in rows.items():
        default = "**required**" if v.default is None else f"`{v.default}`" if v.default else "-"
        who = "all" if len(services) == len(classes) else ", ".join(services)
        example = f" E.g. `{v.example}`." if v.example else ""
        meaning = f"{v.meaning}{example}".replace("|", "\\|")
        lines.append(f"| `{v.name}` | {v.kind} | {default} | {who} | {meaning} |")
    for name, meaning in TOOL_VARIABLES.items():
        lines.append(f"| `{name}` | text | - | tools | {meaning} |")
    return "\n".join(lines) + "\n"


def _fields(cls: type[ServiceSettings]) -> Iterator[tuple[str, str]]:
    """Pairs of environment name and field name."""
    for field, info in cls.model_fields.items():
        alias = info.validation_alias
        yield (alias if isinstance(alias, str) else field).upper(), field


def _unknown(
    service: str, given: Mapping[str, str], known: Mapping[str, Variable]
) -> Iterator[str]:
    judged = tuple(p for p in PREFIXES if p in {f"{service.upper()}_", "PLAYCALLER_"})
    for name in given:
        upper = name.upper()
        if upper.startswith(judged) and upper not in known and upper not in TOOL_VARIABLES:
            hint = _nearest(upper, [*known, *TOOL_VARIABLES])
            advice = f"did you mean {hint}?" if hint else "remove it."
            yield f"{name} is not a setting of {service}: {advice}"


def _complaint(
    cls: type[ServiceSettings],
    known: Mapping[str, Variable],
    given: Mapping[str, str],
    error: ErrorDetails,
) -> str:
    """One line for one error of pydantic, without the value."""
    where = str(error["loc"][0]) if error["loc"] else ""
    names = {field: name for name, field in _fields(cls)}
    name = names.get(where, where.upper())
    variable = known.get(name)
    if variable is None:
        reason = error["msg"].removeprefix("Value error, ")
        return f"the settings do not fit together: {reason}."
    example = f", e.g. {variable.example}" if variable.example else ""
    if error["type"] == "missing":
        near = _nearest(name, [n for n in given if n not in known])
        typo = f" Is it what {near} was meant to be?" if near else ""
        return f"{name} is missing: set it to {variable.kind}{example}.{typo}"
    reason = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{name} is malformed: expected {variable.kind}{example} ({reason})."


def _nearest(name: str, candidates: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.8)
    return found[0] if found else None


_KINDS: dict[object, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    SecretStr: "text (secret)",
    Path: "a path",
    timedelta: "a span of time (ISO 8601 or seconds)",
}


def _kind(info: FieldInfo) -> str:
    """What a value has to be, in plain words."""
    limits = {
        word: getattr(limit, attribute)
        for limit in info.metadata
        for attribute, word in (("ge", "from"), ("gt", "above"), ("le", "to"), ("lt", "below"))
        if getattr(limit, attribute, None) is not None
    }
    spoken = "".join(f" {word} {limits[word]:,}" for word in sorted(limits))
    return _kind_of(info.annotation) + spoken.replace(",", "_")


def _kind_of(annotation: object) -> str:
    origin = get_origin(annotation)
    if origin is Literal:
        return "one of " + ", ".join(str(word) for word in get_args(annotation))
    if origin in {Union, types.UnionType}:
        return " or ".join(_kind_of(a) for a in get_args(annotation) if a is not type(None))
    return _KINDS.get(annotation, f"JSON ({getattr(annotation, '__name__', annotation)})")


def _shown(default: object) -> str:
    if default is None:
        return ""
    if isinstance(default, timedelta):
        return str(TypeAdapter(timedelta).dump_python(default, mode="json"))
    return "(secret)" if isinstance(default, SecretStr) else str(default)
