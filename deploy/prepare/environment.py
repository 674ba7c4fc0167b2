"""The environment of `prepare`, read once; everything missing or malformed is named at once."""

from collections.abc import Mapping
from dataclasses import dataclass

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
    """Take the settings from `environ`. Raises BadSettings; values are never shown."""
    wanted = {
        "ADMIN_DATABASE_URL": "",
        "KAFKA_BOOTSTRAP_SERVERS": "",
        "DURABILITY": "",
        **{f"{service.upper()}_DATABASE_URL": service for service in SERVICES},
    }
    given = {name: environ.get(name, "").strip() for name in wanted}
    complaints = [f"{name} is missing." for name, value in given.items() if not value]
    complaints += [
        f"{name} is malformed: it must begin with postgresql://."
        for name, value in given.items()
        if name.endswith("DATABASE_URL") and value and not value.startswith("postgresql://")
    ]
    if given["DURABILITY"] and given["DURABILITY"] not in DURABILITY:
        complaints.append(f"DURABILITY is malformed: one of {', '.join(DURABILITY)}.")
    if complaints:
        raise BadSettings("prepare cannot start:\n" + "\n".join(f"  - {c}" for c in complaints))
    return Given(
        admin_url=given["ADMIN_DATABASE_URL"],
        bootstrap=given["KAFKA_BOOTSTRAP_SERVERS"],
        database_urls={service: given[name] for name, service in wanted.items() if service},
        single=given["DURABILITY"] == "single",
    )
