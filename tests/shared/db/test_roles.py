"""Least rights on a real PostgreSQL: what a service's role cannot do, whatever it is made to say."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from shared.db import audit, owner, roles
from shared.db.audit import Author, Entry
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.errors import BadSettings
from tests.given import ENVIRON
from tests.signed import keys_file

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[3]
DENIED = asyncpg.InsufficientPrivilegeError


@pytest.fixture(scope="module")
def databases(postgres) -> dict[str, str]:
    """Two services side by side, as they are installed."""

    async def make() -> dict[str, str]:
        return {
            name: await postgres.migrated(name, f"roles_{name}") for name in ("support", "journey")
        }

    return asyncio.run(make())


@pytest.fixture
async def support(databases):
    """A connection with support's own credentials."""
    made = await asyncpg.connect(databases["support"].replace("+asyncpg", ""))
    yield made
    await made.close()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE friend",
        "CREATE DATABASE mine",
        "ALTER TABLE ticket ADD COLUMN mine int",
        "ALTER TABLE ticket RENAME TO other",
        "DROP TABLE ticket",
        "TRUNCATE ticket",
        "CREATE INDEX ON ticket (id)",
        "UPDATE audit SET who = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "ALTER TABLE audit DISABLE TRIGGER USER",
        "ALTER TABLE audit DISABLE TRIGGER audit_refuse",
        "DROP TRIGGER audit_chain ON audit",
        "CREATE TRIGGER mine BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
        "CREATE RULE mine AS ON INSERT TO audit DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP FUNCTION audit_chain CASCADE",
        "SET session_replication_role = replica",
        "SET ROLE roles_support_1_owner",
        "SET ROLE postgres",
        "UPDATE alembic_version SET version_num = '0001'",
        "COPY ticket TO PROGRAM 'id'",
        "COPY ticket TO '/tmp/ticket'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT rolpassword FROM pg_authid",
        "ALTER SYSTEM SET fsync = off",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    ],
)  # fmt: skip
async def test_the_service_may_not(support, databases, statement):
    name = databases["support"].rpartition("/")[2]
    with pytest.raises(DENIED):
        await support.execute(statement.replace("roles_support_1", name))


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("support", "journey"),
        ("journey", "support"),
        ("support", "postgres"),
        ("support", "template1"),
    ],
)
async def test_no_service_gets_into_another_database(databases, own, other):
    name = make_url(databases[other]).database if other in databases else other
    stranger = make_url(databases[own]).set(drivername="postgresql", database=name)
    with pytest.raises(DENIED, match="permission denied for database"):
        await asyncpg.connect(stranger.render_as_string(hide_password=False))


async def test_nobody_signs_in_as_the_owner(databases):
    url = make_url(databases["support"])
    as_owner = url.set(drivername="postgresql", username=f"{url.database}{roles.OWNER}")
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(as_owner.render_as_string(hide_password=False))


async def test_what_it_may(support):
    """Rows of all tables read, added, changed and removed; of the audit read and added."""
    found = await support.fetch("""
        SELECT relname, array_agg(a.privilege_type ORDER BY a.privilege_type) AS rights,
          bool_or(pg_get_userbyid(relowner) = current_user) AS owned
        FROM pg_class LEFT JOIN LATERAL (SELECT * FROM aclexplode(relacl)
          WHERE grantee = current_user::regrole) a ON true
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY relname""")
    assert not [row["relname"] for row in found if row["owned"]]
    rights = {row["relname"]: row["rights"] for row in found}
    assert rights.pop("audit") == ["INSERT", "SELECT"]
    assert rights.pop("alembic_version") == rights.pop("runtime_version") == ["SELECT"]
    assert len(rights) > 10
    assert set(map(tuple, rights.values())) == {("DELETE", "INSERT", "SELECT", "UPDATE")}


async def test_it_writes_into_the_audit_and_verifies_it(databases):
    engine = make_engine(databases["support"])
    try:
        async with engine.begin() as connection:
            await audit.record(connection, [Entry(Author("x", "person"), "a.b", "a", "1")])
        async with engine.connect() as connection:
            assert (await audit.verify(connection)).broken is None
        await owner.refuse_power(engine)
    finally:
        await engine.dispose()


async def test_a_table_of_a_later_migration_gets_the_same_rights(postgres, databases, support):
    admin = await as_owner(postgres, databases["support"])
    await admin.execute("CREATE TABLE later (n bigint GENERATED ALWAYS AS IDENTITY, t text)")
    try:
        await support.execute("INSERT INTO later (t) VALUES ('a')")
        await support.execute("UPDATE later SET t = 'b'")
        assert await support.fetchval("SELECT t FROM later") == "b"
        await support.execute("DELETE FROM later")
        with pytest.raises(DENIED):
            await support.execute("TRUNCATE later")
    finally:
        await admin.execute("DROP TABLE later")
        await admin.close()


async def as_owner(postgres, url: str):
    name = make_url(url).database
    made = await asyncpg.connect(postgres.server.owner_url(name).replace("+asyncpg", ""))
    await made.execute(f'SET ROLE "{name}{roles.OWNER}"')
    return made


async def test_an_installation_in_which_the_service_owned_all_is_put_right(postgres):
    """As it was before: one role that owns the database and made every table."""
    url = await postgres.database("before")
    name = make_url(url).database
    own = await asyncpg.connect(url.replace("+asyncpg", ""))
    await own.execute("CREATE TABLE thing (n bigint GENERATED ALWAYS AS IDENTITY, t text)")
    await own.execute("INSERT INTO thing (t) VALUES ('kept')")
    for _ in range(2):  # the second time changes nothing
        assert await postgres.server.make_database(name) == url
    assert await own.fetchval("SELECT t FROM thing") == "kept"
    await own.execute("INSERT INTO thing (t) VALUES ('more')")
    for statement in ("ALTER TABLE thing ADD x int", "TRUNCATE thing", "CREATE TABLE other ()"):
        with pytest.raises(DENIED):
            await own.execute(statement)
    await own.close()


async def test_a_role_that_may_too_much_may_not_afterwards(postgres):
    url = await postgres.database("strong")
    name = make_url(url).database
    admin = await postgres.server._connect(postgres.server.port)
    await admin.execute(f'ALTER ROLE "{name}" SUPERUSER CREATEDB')
    await postgres.server.make_database(name)
    found = await admin.fetchrow(
        "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = $1", name
    )
    await admin.close()
    assert tuple(found) == (False, False)


POWERS = {
    "owns its tables": 'GRANT "{0}_owner" TO "{0}"',
    "is a superuser": 'ALTER ROLE "{0}" SUPERUSER',
    "may change the audit": 'GRANT UPDATE ON audit TO "{0}"',
    "may make tables": 'GRANT CREATE ON SCHEMA public TO "{0}"',
    "may make schemas": 'GRANT CREATE ON DATABASE "{0}" TO "{0}"',
    "may make temporary tables": 'GRANT TEMP ON DATABASE "{0}" TO PUBLIC',
    "may make roles": 'ALTER ROLE "{0}" CREATEROLE',
    "may make databases": 'ALTER ROLE "{0}" CREATEDB',
    "may replicate": 'ALTER ROLE "{0}" REPLICATION',
    "passes row security by": 'ALTER ROLE "{0}" BYPASSRLS',
    "is a member of pg_execute_server_program": 'GRANT pg_execute_server_program TO "{0}"',
    "is a member of pg_read_server_files": 'GRANT pg_read_server_files TO "{0}" WITH INHERIT FALSE, SET FALSE',
    "is a member of {0}_staff": 'CREATE ROLE "{0}_staff"; GRANT "{0}_staff" TO "{0}"; '
    'GRANT pg_read_all_data TO "{0}_staff"',
}  # fmt: skip


@pytest.fixture(scope="module")
def weak(postgres):
    """A migrated database whose role gets one power after the other."""
    return asyncio.run(postgres.migrated("console"))


@pytest.mark.parametrize("power", POWERS)
async def test_a_service_whose_role_may_too_much_does_not_start(postgres, weak, power):
    """And `up` or `prepare` take the power away."""
    url = weak
    name = make_url(url).database
    admin = await postgres.server._connect(postgres.server.port, name)
    await admin.execute(POWERS[power].format(name))
    await admin.close()
    engine = make_engine(url)
    try:
        with pytest.raises(BadSettings, match=f"DATABASE_URL: role {name} {power.format(name)}"):
            await owner.refuse_power(engine)
        await postgres.server.make_database(name)
        await owner.refuse_power(engine)
    finally:
        await engine.dispose()


def test_the_process_says_so_and_ends(postgres):
    url = asyncio.run(postgres.migrated("analytics"))
    name = make_url(url).database
    asyncio.run(grant(postgres, name))
    environ = {
        **{key: ENVIRON[key] for key in ("KAFKA_BOOTSTRAP_SERVERS", "HTTP_PORT")},
        "DATABASE_URL": url.replace("+asyncpg", ""),
        "AUTH_KEYS_FILE": str(keys_file()),
        "DURABILITY": "single",
        "PATH": os.environ["PATH"],
    }
    ran = subprocess.run(
        [sys.executable, "-m", "services.analytics"],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert f"DATABASE_URL: role {name} owns its tables" in ran.stderr.splitlines()[-1]


async def grant(postgres, name: str) -> None:
    admin = await postgres.server._connect(postgres.server.port)
    await admin.execute(f'GRANT "{name}_owner" TO "{name}"')
    await admin.close()


@pytest.mark.parametrize("service", ["support", "journey"])
def test_a_service_cannot_migrate_its_own_database(databases, service):
    environ = {
        **ENVIRON,
        "DATABASE_URL": databases[service].replace("+asyncpg", ""),
        "PATH": os.environ["PATH"],
    }
    ran = subprocess.run(
        [sys.executable, "-m", f"services.{service}", "migrate"],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "migrations act as" in ran.stderr


async def test_what_the_page_says_to_do_by_hand_does_it(postgres):
    page = (ROOT / "docs" / "how-to" / "database-roles.md").read_text("utf-8")
    block = page.partition("```sql\n")[2].partition("```")[0].replace("support", "by_hand")
    outside, inside = block.split("\\connect by_hand\n")
    for database, statements in (("postgres", outside), ("by_hand", inside)):
        admin = await postgres.server._connect(postgres.server.port, database)
        for statement in statements.strip().split(";\n"):
            await admin.execute(statement)
        await admin.close()
    url = make_url(postgres.server.owner_url("by_hand"))
    await upgrade(
        url.render_as_string(hide_password=False), ROOT / "services" / "support" / "migrations"
    )
    own = url.set(username="by_hand", password="...")
    engine = make_engine(own.render_as_string(hide_password=False))
    try:
        await owner.refuse_power(engine)
        async with engine.begin() as connection:
            await audit.record(connection, [Entry(Author("x", "person"), "a.b", "a", "1")])
    finally:
        await engine.dispose()
