"""PostgreSQL's own log: statements and errors stand there, values of rows do not."""

from pathlib import Path

import asyncpg
import pytest

from tests.system import until
from tools.local.postgres import SETTINGS

pytestmark = pytest.mark.servers

MARK = "Wolkenkuckuck"
QUIET = ("log_error_verbosity = terse", "log_parameter_max_length = 0")
DEPLOYED = Path(__file__).resolve().parents[3] / "deploy" / "postgres" / "postgresql.conf"


async def test_neither_errors_nor_slow_statements_bring_values_into_the_log(postgres):
    server = postgres.server
    before = server.log.stat().st_size
    admin = await server._connect(server.port)
    await admin.execute("SET log_min_duration_statement = 0")  # every statement is a slow one
    await admin.execute("CREATE TEMPORARY TABLE person (name text PRIMARY KEY, born date)")
    for _ in range(2):
        try:
            await admin.execute("INSERT INTO person VALUES ($1, now())", MARK)
        except asyncpg.UniqueViolationError as error:
            assert MARK in error.detail, "whoever asked is told"  # noqa: PT017
    with pytest.raises(asyncpg.PostgresError):
        await admin.fetch("SELECT CAST($1 AS json)::text", f'{{"name": "{MARK}" \x01}}')
    await admin.fetch("SELECT 'the end of this test'")
    await admin.close()

    def said():
        text = server.log.read_bytes()[before:].decode()
        return text if "the end of this test" in text else None

    text = await until(said)
    assert "INSERT INTO person VALUES ($1, now())" in text
    assert "duplicate key value" in text
    assert MARK not in text


def test_the_deployed_server_is_as_quiet():
    for text in (SETTINGS, DEPLOYED.read_text("utf-8")):
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        assert set(QUIET) <= set(lines)
