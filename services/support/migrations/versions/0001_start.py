"""Tickets with their history, the fault keys they hang on, and what is known around them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
FALSE = sa.text("false")
ZERO = sa.text("0")
IS_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _facts()
    _fault_key()
    _ticket()
    _history()


def _facts() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column(
            "version", sa.Integer, nullable=False, server_default=ZERO, comment="of its owner"
        ),
        sa.Column("customer", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("firmware_at", TIME, comment="since when it runs it; the newest holds"),
        sa.Column("retired_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("kind", sa.Text),
        sa.Column("zone", sa.Text, nullable=False, server_default=sa.text("'UTC'")),
        sa.Column("region", sa.Text),
        sa.Column("plan", sa.Text),
        sa.Column("stage", sa.Text),
        sa.Column("erased", sa.Boolean, nullable=False, server_default=FALSE),
        sa.Column("app_errors", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("help_views", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("app_seen_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        comment="no personal data",
    )


def _fault_key() -> None:
    op.create_table(
        "fault_key",
        sa.Column("key", sa.Text, nullable=False, comment="device|code|component"),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, comment="the open ticket, or the newest"),
        sa.Column("last_at", TIME, comment="(last_at, last_boot, last_seq): newest report applied"),
        sa.Column("last_boot", sa.Text),
        sa.Column("last_seq", sa.BigInteger),
        sa.Column("last_seen", TIME),
        sa.Column("faults", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("faulty", sa.Boolean, nullable=False, server_default=FALSE),
        sa.Column("recovery_due", TIME),
        sa.Column("retired_at", TIME),
        sa.Column("flapping", JSONB, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("due_at", TIME, comment="when its next timer acts"),
        sa.PrimaryKeyConstraint("key", name="pk_fault_key"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_fault_key_device", "fault_key", ["device"])
    op.create_index(
        "ix_fault_key_due_at",
        "fault_key",
        ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def _ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Text, nullable=False, comment="UUIDv5 of the opening fault"),
        sa.Column("fault_key", sa.Text, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("fault_code", sa.Text, nullable=False),
        sa.Column("component", sa.Text, nullable=False),
        sa.Column("customer", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opened_at", TIME, nullable=False, comment="first opening"),
        sa.Column("opened_by", sa.Text, nullable=False, comment="of the last opening"),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False),
        sa.Column("reopened_at", TIME),
        sa.Column("resolved_at", TIME),
        sa.Column("resolution", sa.Text),
        sa.Column("previous_ticket", sa.Text),
        sa.Column("reopen_count", sa.Integer, nullable=False),
        sa.Column("faults", sa.BigInteger, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("touched_at", TIME, comment="a person acted on it"),
        sa.Column("historical", sa.Boolean, nullable=False),
        sa.Column("flapping", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_ticket_fault_key", "ticket", ["fault_key"])
    op.create_index(
        "uq_ticket_open_fault_key", "ticket", ["fault_key"], unique=True, postgresql_where=IS_OPEN
    )
    op.create_index("ix_ticket_opened_at_id", "ticket", ["opened_at", "id"])
    op.create_index("ix_ticket_open", "ticket", ["opened_at", "id"], postgresql_where=IS_OPEN)
    for name in ("customer", "device", "fault_code", "assignee"):
        op.create_index(f"ix_ticket_{name}", "ticket", [name, "opened_at", "id"])


def _history() -> None:
    op.create_table(
        "ticket_history",
        sa.Column(
            "id", sa.Text, nullable=False, comment="UUIDv5 of its cause: a replay adds nothing"
        ),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("written_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_history"),
        comment="append-only",
    )
    op.create_index("ix_ticket_history_ticket_at_id", "ticket_history", ["ticket", "at", "id"])
