"""Mails of plays to contacts of accounts, by their roles."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "message",
        sa.Column("to_role", sa.Text, comment="of the contact it is for; NULL: the customer"),
    )
    op.add_column(
        "message",
        sa.Column(
            "contact",
            sa.Text,
            comment="whom it went to; NULL: the customer, or a contact removed since",
        ),
    )
    op.create_foreign_key(
        "fk_message_contact_contact", "message", "contact", ["contact"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_message_contact",
        "message",
        ["contact"],
        postgresql_where=sa.text("contact IS NOT NULL"),
    )
