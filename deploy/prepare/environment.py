"""The environment of `prepare`, read once; everything missing or malformed is named at once."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import secret_files, unsafe
from shared.errors import BadSettings
from shared.settings import SERVICES

DURABILITY = ("single", "replicated")


@dataclass(frozen=True)
class Given:
    """What `prepare` works with.

    Attributes:
        admin_url: of a PostgreSQL role that may make roles and databases.
        database_urls: by service; user, password and name are made if they are not there.
        single: one replica in Kafka is enough.
    """

    admin_url: str
    bootstrap: str
    database_urls: Mapping[str, str]
    single: bool


def read(environ: Mapping[str, str]) -> Given:
    """Take the settings from `environ`; secrets may stand in files, as `NAME_FILE`.

    Raises: BadSettings: names everything that is wrong; values are never shown.
    """
    services = {f"{service.upper()}_DATABASE_URL": service for service in SERVICES}
    secrets = ("ADMIN_DATABASE_URL", *services)
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
    if complaints:
        raise BadSettings("prepare cannot start:\n" + "\n".join(f"  - {c}" for c in complaints))
    return Given(
        admin_url=given["ADMIN_DATABASE_URL"],
        bootstrap=given["KAFKA_BOOTSTRAP_SERVERS"],
        database_urls={service: given[name] for name, service in services.items()},
        single=given["DURABILITY"] == "single",
    )


def _wrong(name: str, value: str) -> str | None:
    """What is wrong with a value, without it."""
    try:
        unsafe.refuse_control(value)
        if name.endswith("DATABASE_URL"):
            if not value.startswith("postgresql://"):
                return "it must begin with postgresql://"
            unsafe.refuse_placeholder(value)
    except ValueError as error:
        return str(error)
    if name == "DURABILITY" and value not in DURABILITY:
        return f"one of {', '.join(DURABILITY)}"
    return None
