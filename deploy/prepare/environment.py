"""The environment of `prepare`, read once; everything missing or malformed is named at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared import secret_files, unsafe
from shared.errors import BadSettings
from shared.settings import SERVICES
from shared.stream.cluster import Cluster

DURABILITY = ("single", "replicated")


@dataclass(frozen=True)
class Environment:
    """What `prepare` works with.

    Attributes:
        admin_url: of a PostgreSQL role that may make roles and databases.
        database_urls: by service; user, password and name are made if they are not there.
        kafka: as a principal that may make topics, users and rights.
        kafka_passwords: by service; empty where Kafka asks nobody who they are (loopback).
        single: one replica in Kafka is enough.
    """

    admin_url: str
    database_urls: Mapping[str, str]
    kafka: Cluster
    kafka_passwords: Mapping[str, str]
    single: bool


def read(environ: Mapping[str, str]) -> Environment:
    """Take the settings from `environ`; secrets may stand in files, as `NAME_FILE`.

    Raises: BadSettings: names everything that is wrong; values are never shown.
    """
    urls = {f"{service.upper()}_DATABASE_URL": service for service in SERVICES}
    passwords = {f"{service.upper()}_KAFKA_PASSWORD": service for service in SERVICES}
    asked = environ.get("KAFKA_SECURITY_PROTOCOL", "").strip() not in {"", "PLAINTEXT"}
    logins = ("KAFKA_SASL_PASSWORD", *passwords) if asked else ()
    secrets = ("ADMIN_DATABASE_URL", *urls, *logins)
    wanted = (*secrets, "KAFKA_BOOTSTRAP_SERVERS", "DURABILITY")
    resolved = secret_files.resolve(environ, secrets)
    given = {name: resolved.environ.get(name, "").strip() for name in wanted}
    complaints = [*resolved.complaints]
    for name, value in given.items():
        why = _wrong(name, value)
        if value and why:
            complaints.append(f"{name} is malformed: {why}.")
        elif not value and name not in resolved.from_files:
            either = f" (or {name}{secret_files.SUFFIX})" if name in secrets else ""
            complaints.append(f"{name} is missing{either}.")
    kafka = _cluster(environ, given)
    if not complaints and (unsafe_kafka := kafka.why_unsafe()) is not None:
        complaints.append(f"{unsafe_kafka}.")
    if complaints:
        raise BadSettings("prepare cannot start:\n" + "\n".join(f"  - {c}" for c in complaints))
    return Environment(
        admin_url=given["ADMIN_DATABASE_URL"],
        database_urls={service: given[name] for name, service in urls.items()},
        kafka=kafka,
        kafka_passwords={s: given[name] for name, s in passwords.items() if asked},
        single=given["DURABILITY"] == "single",
    )


def _cluster(environ: Mapping[str, str], given: Mapping[str, str]) -> Cluster:
    authority = environ.get("KAFKA_TLS_CA_FILE", "").strip()
    return Cluster(
        given["KAFKA_BOOTSTRAP_SERVERS"],
        environ.get("KAFKA_SECURITY_PROTOCOL", "").strip() or "PLAINTEXT",
        environ.get("KAFKA_SASL_USER", "").strip(),
        given.get("KAFKA_SASL_PASSWORD", ""),
        Path(authority) if authority else None,
    )


def _wrong(name: str, value: str) -> str | None:
    """What is wrong with a value, without it."""
    try:
        unsafe.refuse_control(value)
        if name.endswith("DATABASE_URL") and not value.startswith("postgresql://"):
            return "it must begin with postgresql://"
        if name.endswith(("DATABASE_URL", "PASSWORD")):
            unsafe.refuse_placeholder(value)
    except ValueError as error:
        return str(error)
    if name == "DURABILITY" and value not in DURABILITY:
        return f"one of {', '.join(DURABILITY)}"
    return None
