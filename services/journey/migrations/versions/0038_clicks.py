"""Links of mails lead over ours, and who opened them is known."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "message", sa.Column("link_token", sa.Text, comment="in the addresses of its links")
    )
    op.add_column(
        "message",
        sa.Column("links", sa.ARRAY(sa.Text), comment="of it; NULL: none leads over ours"),
    )
    op.create_unique_constraint("uq_message_link_token", "message", ["link_token"])
    op.create_table(
        "link",
        sa.Column(
            "id", sa.Text, nullable=False, comment="first 16 digits of the address's SHA-256"
        ),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column(
            "first_at", TIME, nullable=False, comment="when a message with it first went out"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        comment="addresses that stood in published messages, as they were sent: our links lead nowhere else",
    )
    op.create_table(
        "click",
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("person", sa.Boolean, comment="NULL: not known yet; false: a scanner"),
        sa.Column("due_at", TIME, comment="when it is known; NULL: it is"),
        sa.PrimaryKeyConstraint("message", "link", "at", name="pk_click"),
        sa.ForeignKeyConstraint(
            ["message"], ["message.id"], name="fk_click_message_message", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["link"], ["link.id"], name="fk_click_link_link"),
        comment="links of mails that were opened, 20 of a message at most",
    )
    op.create_index(
        "ix_click_due_at", "click", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_click_link", "click", ["link"])
