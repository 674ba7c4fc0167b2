"""Partner organisations, what is shared with them, and who may read contact data for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "organisation",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
    )
    op.create_table(
        "shared_with",
        sa.Column("kind", sa.Text, nullable=False, comment="ticket; later play, task"),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "organisation", name="pk_shared_with"),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name="fk_shared_with_organisation_organisation"
        ),
    )
    op.create_index(
        "ix_shared_with_organisation_kind_id", "shared_with", ["organisation", "kind", "id"]
    )
    op.create_table(
        "reveal",
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("ticket", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("who", "ticket", name="pk_reveal"),
        comment="who may read a customer's contact data, and until when",
    )
    op.create_index("ix_reveal_until", "reveal", ["until"])
