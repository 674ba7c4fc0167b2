"""Migrations act as the database's owner; services have the least rights, or do not start."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import roles
from shared.errors import BadSettings

_OWNER = text("""
SELECT pg_get_userbyid(datdba) AS owner, current_user AS me,
  pg_has_role(current_user, datdba, 'SET') AS may
FROM pg_database WHERE datname = current_database() AND pg_get_userbyid(datdba) <> current_user""")
_TOO_WIDE = text("""
SELECT DISTINCT c.relname, pg_get_userbyid(a.grantee)
FROM pg_class c, aclexplode(c.relacl) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee NOT IN (0, c.relowner) AND (
  c.relname = 'audit' AND a.privilege_type NOT IN ('SELECT', 'INSERT')
  OR c.relname IN ('alembic_version', 'runtime_version') AND a.privilege_type <> 'SELECT')""")

_POWER = text("""
SELECT current_user AS me, CASE
  WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN 'is a superuser'
  WHEN pg_has_role(current_user, relowner, 'MEMBER') THEN 'owns its tables'
  WHEN has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE') THEN 'may change the audit'
  WHEN has_schema_privilege('public', 'CREATE') THEN 'may make tables'
  WHEN has_database_privilege(current_database(), 'CREATE') THEN 'may make schemas'
  WHEN has_database_privilege(current_database(), 'TEMP') THEN 'may make temporary tables'
  WHEN (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN 'may make roles'
  WHEN (SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user) THEN 'may make databases'
  WHEN (SELECT rolreplication FROM pg_roles WHERE rolname = current_user) THEN 'may replicate'
  WHEN (SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user)
    THEN 'passes row security by'
  ELSE (SELECT 'is a member of ' || string_agg(g.rolname, ', ' ORDER BY g.rolname)
    FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
    WHERE m.member = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user))
  END AS power
FROM pg_class WHERE oid = 'public.audit'::regclass""")


async def refuse_power(engine: AsyncEngine) -> None:
    """A service runs with the least rights, or not at all.

    Raises: BadSettings: its role could change the audit, or switch its triggers off, or it has a
        power or a membership of any kind that no service needs.
    """
    async with engine.connect() as connection:
        power = (await connection.execute(_POWER)).one()
    if power.power is not None:
        raise BadSettings(
            f"DATABASE_URL: role {power.me} {power.power}, so whoever takes the service over could "
            "do more than the service. Give it the role that `./playcaller up` or the job `prepare` makes: "
            "docs/how-to/database-roles.md."
        )


async def narrow(connection: AsyncConnection) -> None:
    """After a migration, as the owner: the tables in LESS have got the rights of all others."""
    for table, role in (await connection.execute(_TOO_WIDE)).all():
        for statement in roles.grant(table, role).split(";"):
            await connection.execute(text(statement))


async def become_owner(connection: AsyncConnection) -> None:
    """Act as the database's owner from now on; an owner that signed in itself stays who it is.

    Raises: BadSettings: this role may not.
    """
    owner = (await connection.execute(_OWNER)).one_or_none()
    if owner is None:
        return
    if not owner.may:
        raise BadSettings(
            f"DATABASE_URL: migrations act as {owner.owner}, the owner of the database, and role "
            f"{owner.me} may not. `./playcaller migrate` or the job `prepare` does it; by hand: "
            "docs/how-to/database-roles.md."
        )
    await connection.execute(text(f"SET ROLE {roles.quoted(owner.owner)}"))
