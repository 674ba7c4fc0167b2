"""A ticket is a conversation; what it knows of a fault stands beside it, in a table of its own.

The release before this one goes on reading and writing the fault's columns of `ticket`: triggers
carry what either release writes to where the other looks for it, once per statement.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# column of ticket_fault, of ticket
COLUMNS = {
    "key": "fault_key",
    "device": "device",
    "code": "fault_code",
    "component": "component",
    "model": "model",
    "firmware": "firmware",
    "severity": "severity",
    "first_seen": "first_seen",
    "last_seen": "last_seen",
    "faults": "faults",
    "flapping": "flapping",
}
PRIORITY = (
    "CASE {0}.severity WHEN 'info' THEN 'low' WHEN 'error' THEN 'high' "
    "WHEN 'critical' THEN 'urgent' ELSE 'normal' END"
)
IS_TEAM = "{0}.assignee ~ '^[a-z][a-z0-9-]*$'"  # neither an account nor words of before
# of tables that were empty when a statement was planned
PLANNED = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
DEFAULTS = {
    "fault_key": "'||' || gen_random_uuid()",
    "device": "''",
    "fault_code": "''",
    "component": "''",
    "severity": "'info'",
    "first_seen": "now()",
    "last_seen": "now()",
    "faults": "0",
    "flapping": "false",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_device_customer", "device", ["customer"])
    _conversation()
    _fault()
    names, there = ", ".join(COLUMNS), ", ".join(COLUMNS.values())
    op.execute(
        f"INSERT INTO ticket_fault (ticket, {names}, is_open) "
        f"SELECT id, {there}, state = 'open' FROM ticket"
    )
    op.execute(f"UPDATE ticket t SET priority = {PRIORITY.format('t')} WHERE severity <> 'warning'")
    op.execute(f"UPDATE ticket t SET team = assignee WHERE {IS_TEAM.format('t')}")
    _carry_to_the_release_before()
    _carry_from_the_release_before()


def _conversation() -> None:
    op.add_column(
        "ticket", sa.Column("origin", sa.Text, nullable=False, server_default=sa.text("'fault'"))
    )
    op.add_column("ticket", sa.Column("subject", sa.Text, comment="people write it"))
    op.add_column("ticket", sa.Column("channel", sa.Text))
    normal = sa.text("'normal'")
    op.add_column("ticket", sa.Column("priority", sa.Text, nullable=False, server_default=normal))
    op.add_column("ticket", sa.Column("team", sa.Text, comment="given to last that is no person"))
    op.alter_column("ticket", "id", comment="UUIDv5 of what opened it")
    op.alter_column("ticket", "device", comment="empty: none")
    for name, default in DEFAULTS.items():
        op.alter_column("ticket", name, server_default=sa.text(default))


def _fault() -> None:
    op.create_table(
        "ticket_fault",
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, comment="device|code|component"),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("faults", sa.BigInteger, nullable=False),
        sa.Column("flapping", sa.Boolean, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False, comment="whether the ticket is"),
        sa.PrimaryKeyConstraint("ticket", name="pk_ticket_fault"),
        comment="what a ticket knows of the fault it is about",
        postgresql_with={"fillfactor": "80"},
    )
    open_ = sa.text("is_open")
    op.create_index("ix_ticket_fault_by_code", "ticket_fault", ["code"])
    op.create_index(
        "uq_ticket_fault_open_key", "ticket_fault", ["key"], unique=True, postgresql_where=open_
    )
    op.create_index(
        "ix_ticket_fault_open_device", "ticket_fault", ["device"], postgresql_where=open_
    )


def _carry_to_the_release_before() -> None:
    """What we write of a fault, into the columns of `ticket`."""
    set_ = ", ".join(f"{there} = c.{here}" for here, there in COLUMNS.items())
    here = ", ".join(f"c.{name}" for name in COLUMNS)
    there = ", ".join(f"t.{name}" for name in COLUMNS.values())
    op.execute(f"""
        CREATE FUNCTION ticket_fault_carry() RETURNS trigger LANGUAGE plpgsql {PLANNED} AS $$
        BEGIN
          UPDATE ticket t SET {set_} FROM changed c
          WHERE t.id = c.ticket AND ({there}) IS DISTINCT FROM ({here});
          RETURN NULL;
        END $$""")
    for verb in ("INSERT", "UPDATE"):
        op.execute(f"""
            CREATE TRIGGER ticket_fault_carry_{verb.lower()} AFTER {verb} ON ticket_fault
            REFERENCING NEW TABLE AS changed FOR EACH STATEMENT
            WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ticket_fault_carry()""")


def _carry_from_the_release_before() -> None:
    """What it writes of a fault, into `ticket_fault`; and what it does not know of a ticket."""
    names = ", ".join(COLUMNS)
    values = ", ".join(f"c.{name}" for name in COLUMNS.values())
    set_ = ", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS, "is_open"))
    old = ", ".join(f"f.{name}" for name in (*COLUMNS, "is_open"))
    new = ", ".join(f"excluded.{name}" for name in (*COLUMNS, "is_open"))
    of_fault = "c.origin = 'fault' AND c.fault_key NOT LIKE '||%'"
    op.execute(f"""
        CREATE FUNCTION ticket_carry() RETURNS trigger LANGUAGE plpgsql {PLANNED} AS $$
        BEGIN
          INSERT INTO ticket_fault AS f (ticket, {names}, is_open)
          SELECT c.id, {values}, c.state = 'open' FROM changed c WHERE {of_fault}
          ON CONFLICT (ticket) DO UPDATE SET {set_} WHERE ({old}) IS DISTINCT FROM ({new});
          IF TG_OP = 'INSERT' THEN
            UPDATE ticket t SET priority = {PRIORITY.format("c")} FROM changed c
            WHERE t.id = c.id AND {of_fault};
          ELSE
            UPDATE ticket t SET priority = {PRIORITY.format("c")} FROM changed c, before b
            WHERE t.id = c.id AND b.id = c.id AND b.severity <> c.severity;
            UPDATE ticket t SET team = c.assignee FROM changed c, before b
            WHERE t.id = c.id AND b.id = c.id AND b.assignee IS DISTINCT FROM c.assignee
              AND c.team IS NOT DISTINCT FROM b.team AND {IS_TEAM.format("c")};
          END IF;
          RETURN NULL;
        END $$""")
    for verb, before in (("INSERT", ""), ("UPDATE", "OLD TABLE AS before ")):
        op.execute(f"""
            CREATE TRIGGER ticket_carry_{verb.lower()} AFTER {verb} ON ticket
            REFERENCING {before}NEW TABLE AS changed FOR EACH STATEMENT
            WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION ticket_carry()""")
