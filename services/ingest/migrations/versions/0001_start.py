"""The registry, rejects, unclaimed facts, bucket clocks, and the runtime's tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001_start"
down_revision = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create everything."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    _registry()
    _rejects()
    op.create_table(
        "unclaimed_fact",
        sa.Column("id", sa.Text, nullable=False, comment="the event's identity"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("platform", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("stored_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="pk_unclaimed_fact"),
    )
    op.create_index("ix_unclaimed_fact_source", "unclaimed_fact", ["source"])
    op.create_index("ix_unclaimed_fact_stored_at", "unclaimed_fact", ["stored_at"])
    op.create_table(
        "bucket",
        sa.Column("bucket", sa.Text, nullable=False),
        sa.Column("connected_at", TIME, comment="of its very first session"),
        sa.Column("now", TIME, comment="simulated time, from its last beacon"),
        sa.Column("step_s", sa.Double),
        sa.PrimaryKeyConstraint("bucket", name="pk_bucket"),
    )
    op.create_table(
        "known_customer",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("customer", name="pk_known_customer"),
    )


def _registry() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="device or app"),
        sa.Column("model", sa.Text),
        sa.Column("firmware", sa.Text),
        sa.Column("battery", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column(
            "version", sa.BigInteger, nullable=False, comment="counts changes; 0: only a seeded row"
        ),
        sa.Column("registered_at", TIME),
        sa.Column("retired_at", TIME),
        sa.Column("last_seen", TIME, comment="exact to some minutes"),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
    )
    op.create_table(
        "ownership",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("until", TIME),
        sa.PrimaryKeyConstraint("source", "since", name="pk_ownership"),
    )
    op.create_index(
        "ix_ownership_customer",
        "ownership",
        ["customer", "source"],
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "boot",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("first_seen", TIME, nullable=False),
        sa.Column("last_seen", TIME, nullable=False, comment="400 days later the boot is closed"),
        sa.PrimaryKeyConstraint("source", "boot", name="pk_boot"),
    )


def _rejects() -> None:
    op.create_table(
        "reject",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("payload", sa.LargeBinary, nullable=False, comment="first 64 KiB"),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the whole MQTT payload"),
        sa.Column("boot", sa.Text),
        sa.Column("seqs", JSONB, nullable=False),
        sa.Column("elements", sa.Integer, nullable=False),
        sa.Column("times", sa.Integer, nullable=False, comment="how often the very same came"),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("stored_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("cured_at", TIME, comment="judged again and taken"),
        sa.PrimaryKeyConstraint("id", name="pk_reject"),
    )
    op.create_index("ix_reject_page", "reject", ["stored_at", "id"])
    op.create_index("ix_reject_source", "reject", ["source", "stored_at"])
    op.create_index("ix_reject_expires_at", "reject", ["expires_at"])
