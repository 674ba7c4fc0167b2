"""Schemathesis on every service's interface, on a real server, with each role's token and with none.

All its checks: no 5xx; status, type, headers and body of every answer as the document says; what the
document forbids is refused; no route ignores that a token is missing; what was deleted is gone. As an
admin it goes through all phases (boundaries, random, chains of requests), as others through those
routes that are theirs.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from shared.settings import SERVICES
from shared.web.guards.rights import Table
from shared.web.who import ROLES, Who
from tests.apis import beside, described
from tests.signed import SCRATCH, bearer, fresh

pytestmark = pytest.mark.servers

HERE = Path(__file__).parent
ALL = ("--max-examples", "3")
SOME = ("--phases", "fuzzing", "--max-examples")
SEE_LESS = ("partner", "oncall", "product", "marketing")  # these are shown something of their own


@pytest.fixture(scope="module")
def urls(databases, kafka):
    with beside(databases, kafka) as made:
        yield made


def token(role: str, kind: str) -> str:
    one = Who(f"{kind}:{role}", kind, frozenset({role}), "o-1" if role == "partner" else None)
    return bearer(fresh(one))["Authorization"]


def run(url: str, *arguments: str) -> None:
    """One run of Schemathesis; it finds nothing."""
    words = ["--config-file", str(HERE / "schemathesis.toml"), "run", f"{url}/openapi.json"]
    fixed = ("--generation-deterministic", "--no-color")
    made = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *words, *fixed, *arguments],
        capture_output=True, text=True, timeout=900, check=False,
        cwd=SCRATCH.name, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    said = "\n".join(line[:400] for line in (made.stdout + made.stderr).splitlines())
    assert made.returncode == 0, f"{words[-1]} {arguments}\n{said}"
    assert "Tested" in made.stdout, made.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_an_admin_finds_no_hole(urls, name):
    run(urls[name], *ALL, "-H", f"Authorization: {token('admin', 'key')}")


@pytest.mark.parametrize("name", SERVICES)
def test_nobody_finds_no_hole(urls, name):
    run(urls[name], *SOME, "2")


def theirs(name: str, role: str) -> list[str]:
    """The operations a role has a line for."""
    table = Table(__import__(f"services.{name}.edges.rights", fromlist=["RIGHTS"]).RIGHTS)
    return [
        f"{verb.upper()} {path}"
        for path, verbs in described(name)["paths"].items()
        for verb in verbs
        if (line := table.line(verb.upper(), path)) is not None and role in line.roles
    ]


@pytest.mark.parametrize("name", SERVICES)
def test_no_role_finds_a_hole(urls, name):
    roles = [role for role in ROLES if role != "admin"]
    with ThreadPoolExecutor(2) as two:  # each mostly waits for its process
        list(two.map(lambda role: run_as(urls[name], name, role), roles))


def run_as(url: str, name: str, role: str) -> None:
    """What a role finds at the routes that are its own."""
    kind = {"service": "service", "vendor": "key"}.get(role, "person")
    authorization = token(role, kind)
    operations = theirs(name, role)
    if not operations:  # nothing is theirs here, and everything says so
        answer = httpx.get(f"{url}/v1/topics", headers={"Authorization": authorization})
        assert answer.status_code == 403
        return
    chosen = [word for each in operations for word in ("--include-name", each)]
    examples = "3" if role in SEE_LESS else "1"
    run(url, *SOME, examples, *chosen, "-H", f"Authorization: {authorization}")
