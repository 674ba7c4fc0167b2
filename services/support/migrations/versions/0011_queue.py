"""What a desk asks for: of a team, the longest waiting first, by words of the subject."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_ticket_team", "ticket", ["team", "opened_at", "id"])
    open_, since = sa.text("state = 'open'"), sa.text("coalesce(reopened_at, opened_at)")
    indexes: dict[str, list[str | sa.TextClause]] = {
        "ix_ticket_open_kinds": ["origin", "priority", "team", "assignee"],
        "ix_ticket_open_priority": ["priority", since, "id"],
        "ix_ticket_waiting": [since, "id"],
    }
    for name, columns in indexes.items():
        op.create_index(name, "ticket", columns, postgresql_where=open_)
    op.create_index(
        "ix_ticket_subject",
        "ticket",
        [sa.text("to_tsvector('simple'::regconfig, subject)")],
        postgresql_using="gin",
        postgresql_where=sa.text("subject IS NOT NULL"),
    )
