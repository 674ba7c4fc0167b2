"""Who may do what in a service's database: an owner that nobody signs in as, and the service.

The owner (`<database>_owner`) owns all tables and runs the migrations. The service's own role owns
nothing: it reads and writes rows, adds to the audit, and may neither make nor change nor empty a
table. Whatever a stranger makes the service say to PostgreSQL, the audit and its triggers stay.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from shared.db import chain
from shared.db.revision import RUNTIME_VERSION, SERVICE_VERSION

if TYPE_CHECKING:
    import asyncpg

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OWNER = "_owner"  # behind the database's name
LOCK = 7_005  # one process at a time
ROWS = "SELECT, INSERT, UPDATE, DELETE"
LESS = {
    chain.TABLE: "SELECT, INSERT",
    RUNTIME_VERSION: "SELECT",
    SERVICE_VERSION: "SELECT",
}
"""What the service may do with these tables, in place of ROWS."""
POWERS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def quoted(name: str) -> str:
    """An SQL identifier.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Wanted:
    """A database to be.

    Attributes:
        role: the service signs in as this one.
    """

    database: str
    role: str
    password: str

    @property
    def owner(self) -> str:
        """Owns the database and its tables; it cannot sign in."""
        return f"{self.database}{OWNER}"


async def make(admin: Admin, wanted: Wanted) -> list[str]:
    """Make roles and database where they are missing; the password is the given one afterwards.

    Args:
        admin: connected to any database, as a role that may make roles and databases.
    Returns: what was made, for the log.
    """
    changes = []
    role, owner, database = quoted(wanted.role), quoted(wanted.owner), quoted(wanted.database)
    if not await _exists(admin, wanted.owner):
        await admin.execute(f"CREATE ROLE {owner} NOLOGIN {POWERS}")
        changes.append(f"role {wanted.owner}")
    secret = await admin.fetchval("SELECT quote_literal($1)", wanted.password)
    if not await _exists(admin, wanted.role):
        await admin.execute(f"CREATE ROLE {role} LOGIN {POWERS} PASSWORD {secret}")
        changes.append(f"role {wanted.role}")
    else:
        await admin.execute(f"ALTER ROLE {role} LOGIN PASSWORD {secret}")
    if await admin.fetchval(_POWERFUL, wanted.role):
        await admin.execute(f"ALTER ROLE {role} {POWERS}")
        changes.append(f"role {wanted.role} less powerful")
    for member in (wanted.role, wanted.owner):
        for record in await admin.fetch(_MEMBERSHIPS, member):
            granted, grantor = quoted(record["granted"]), quoted(record["grantor"])
            await admin.execute(f"REVOKE {granted} FROM {quoted(member)} GRANTED BY {grantor}")
            changes.append(f"role {member} no member of {record['granted']}")
    if not await admin.fetchval("SELECT pg_has_role(current_user, $1, 'SET')", wanted.owner):
        await admin.execute(f"GRANT {owner} TO CURRENT_USER")
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", wanted.database):
        await admin.execute(f"CREATE DATABASE {database} OWNER {owner}")
        changes.append(f"database {wanted.database}")
    await admin.execute(f"ALTER DATABASE {database} OWNER TO {owner}")
    await admin.execute(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC, {role}")
    await admin.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    if await admin.fetchval(_OPEN):
        await admin.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        changes.append("databases postgres and template1 closed to everybody")
    return changes


async def give_rights(inside: Admin, wanted: Wanted) -> None:
    """Inside the database: all that is there belongs to the owner, the service gets its rights.

    Args:
        inside: connected to that very database, as the role that made it.
    """
    role, owner = quoted(wanted.role), quoted(wanted.owner)
    async with inside.transaction():
        await inside.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await inside.execute("SET LOCAL lock_timeout = '5s'")
        if await inside.fetchval(_OWNS, wanted.role):  # an installation that is older than this
            await inside.execute(f"REASSIGN OWNED BY {role} TO {owner}")
        await inside.execute(f"SET LOCAL ROLE {owner}")
        for statement in (
            f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {role}",
            f"GRANT USAGE ON SCHEMA public TO {role}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {ROWS} ON TABLES TO {role}",
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            await inside.execute(statement)
        for record in await inside.fetch(_TABLES):
            await inside.execute(grant(record["relname"], wanted.role))


def grant(table: str, role: str) -> str:
    """SQL: of this table the role has its rights and no others."""
    name, to = quoted(table), quoted(role)
    rights = LESS.get(table, ROWS)
    return f"REVOKE ALL ON TABLE {name} FROM {to}; GRANT {rights} ON TABLE {name} TO {to}"


async def _exists(admin: Admin, role: str) -> bool:
    return bool(await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role))


_OWNS = "SELECT 1 FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = $1)"
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"""
# only a superuser may; on a server that is not ours alone, its administrator decides
_OPEN = """
SELECT 1 FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
WHERE datname IN ('postgres', 'template1') AND a.grantee = 0
  AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) LIMIT 1"""
_MEMBERSHIPS = """
SELECT pg_get_userbyid(roleid) AS granted, pg_get_userbyid(grantor) AS grantor
FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = $1) ORDER BY 1, 2"""
_POWERFUL = """
SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
FROM pg_roles WHERE rolname = $1"""
