"""Conversations outside plays."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "talk",
        sa.Column("id", sa.Text, nullable=False, comment="derived from the request that wrote it down"),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="call, meeting, mail, visit"),
        sa.Column("at", TIME, nullable=False, comment="when they talked"),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column(
            "contact", sa.Text,
            comment="with whom; NULL: the customer, or a contact removed since",
        ),
        sa.Column("note", sa.Text, comment="people's words"),
        sa.Column("discovery", sa.Text, comment="what we learned, in people's words"),
        sa.Column("next_step", sa.Text, comment="what who wrote it down does next"),
        sa.Column("due_at", TIME, comment="until when"),
        sa.Column("done_at", TIME, comment="the next step was done"),
        sa.Column("who", sa.Text, nullable=False, comment="subject of a token, who wrote it down"),
        sa.Column("noted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_talk"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_talk_customer_customer", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact"], ["contact.id"], name="fk_talk_contact_contact", ondelete="SET NULL"
        ),
        comment="conversations outside plays",
    )  # fmt: skip
    op.create_index("ix_talk_customer", "talk", ["customer", "at"])
    op.create_index(
        "ix_talk_contact", "talk", ["contact"], postgresql_where=sa.text("contact IS NOT NULL")
    )
    op.create_index(
        "ix_talk_next", "talk", ["who", "due_at", "id"],
        postgresql_where=sa.text("due_at IS NOT NULL AND done_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_talk_discovery", "talk", ["at", "id"],
        postgresql_where=sa.text("discovery IS NOT NULL"),
    )  # fmt: skip
