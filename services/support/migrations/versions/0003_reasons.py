"""Why contact data were shown stands in the ticket's history, with all else that people wrote."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("reveal", "reason", nullable=True)
    op.execute("""
        INSERT INTO ticket_history (id, ticket, at, who, what, detail)
        SELECT 'reveal/' || who || '/' || ticket, ticket, until, who, 'revealed',
          jsonb_build_object('reason', reason)
        FROM reveal WHERE reason IS NOT NULL ON CONFLICT DO NOTHING""")
    op.execute("UPDATE reveal SET reason = NULL")
