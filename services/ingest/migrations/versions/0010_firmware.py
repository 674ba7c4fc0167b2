"""The firmware that devices run by their own word, and what they ran before."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    told = sa.Column("runs", sa.Text, comment="firmware as it told last; NULL: as registered")
    op.add_column("source", told)
    op.add_column("source", sa.Column("runs_since", TIME))
    op.create_index(
        "ix_source_runs",
        "source",
        ["kind", "model", sa.text("COALESCE(runs, firmware)"), "id"],
    )
    op.drop_index("ix_source_model", "source")  # the one above begins as it did
    op.create_table(
        "firmware",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("since", TIME, primary_key=True),
        sa.Column("firmware", sa.Text, nullable=False),
        comment="what a source said it runs, whenever it was another than before",
    )
