"""The image's packages: those of requirements.lock that the services need, and no others.

`python -m deploy.lock` writes deploy/requirements.lock anew; the hashes stay those of the lock.
"""

import re
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
IMAGE_LOCK = ROOT / "deploy" / "requirements.lock"
HEAD = "# Written by `python -m deploy.lock` from requirements.lock: what the services import.\n"
# What shared/, services/ and deploy/ import, and drivers that libraries load by name.
SERVICES_NEED = (
    "aiohttp",
    "aiokafka",
    "aiosmtplib",
    "alembic",
    "argon2-cffi",
    "asyncpg",
    "cryptography",
    "fastapi",
    "httpx",
    "jinja2",
    "joserfc",
    "lz4",
    "mjml-python",
    "mqtt5",
    "msgspec",
    "numpy",
    "prometheus-client",
    "pydantic",
    "pydantic-settings",
    "pyotp",
    "pyyaml",
    "segno",
    "sqlalchemy[asyncio]",
    "typing-extensions",
    "tzdata",
    "uvicorn",
    "uvloop",
    "yarl",
)


def blocks(lock: str) -> dict[str, str]:
    """Each package's lines of a lock file, hashes included, by name."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines(keepends=True):
        pinned = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?==", line)
        if pinned:
            name = _plain(pinned.group(1))
            found[name] = ""
        if name and not line.lstrip().startswith("#"):
            found[name] += line
    return found


def needed(wanted: Iterable[str]) -> set[str]:
    """The packages behind these requirements, as installed beside us."""
    found: set[str] = set()
    waiting = [Requirement(text) for text in wanted]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        found.add(_plain(requirement.name))
        for text in metadata.requires(requirement.name) or ():
            child = Requirement(text)
            extras = {"", *requirement.extras}
            if child.marker is None or any(child.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(child)
    return found


def image_lock() -> str:
    """What deploy/requirements.lock has to contain."""
    known = blocks(LOCK.read_text("utf-8"))
    return HEAD + "".join(known[name] for name in sorted(needed(SERVICES_NEED)))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    IMAGE_LOCK.write_text(image_lock(), "utf-8")
