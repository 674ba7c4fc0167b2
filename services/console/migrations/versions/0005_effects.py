"""Effects to the outside; the mails that wait become some when the service starts.

Not here: the release now running goes on sending from `mail` until it ends.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

TIME = sa.DateTime(timezone=True)
STATES = "'planned', 'claimed', 'dispatched', 'accepted', 'failed', 'unknown', 'suppressed'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "effect",
        sa.Column("id", sa.Text, comment="the other side may know it by this"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False, comment="opaque id: whom it is about"),
        sa.Column("payload", JSONB, nullable=False, comment="words and opaque ids"),
        sa.Column("secret", sa.Text, comment="sealed; gone when it is known what became of it"),
        sa.Column(
            "state", sa.Text, nullable=False, comment="shared/effects/effect.py says what each is"
        ),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("repeats", sa.SmallInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("planned_at", TIME, nullable=False, server_default=sa.text("now()")),
        sa.Column("due_at", TIME, nullable=False, comment="by the service's clock"),
        sa.Column("deadline_at", TIME, nullable=False, comment="by the service's clock"),
        sa.Column("lease", sa.Text, comment="fences whoever lost it"),
        sa.Column("lease_until", TIME, comment="by PostgreSQL's clock"),
        sa.Column("settled_at", TIME),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_effect"),
        sa.CheckConstraint(f"state IN ({STATES})", name="ck_effect_state"),
        comment="what is done outside: planned here, in the transaction that decides it",
    )
    for index in (
        "ix_effect_due ON effect (kind, due_at) WHERE state = 'planned'",
        "ix_effect_lease ON effect (lease_until) WHERE state IN ('claimed', 'dispatched')",
        "ix_effect_open ON effect (kind) WHERE state NOT IN ('accepted', 'failed', 'suppressed')",
        "ix_effect_settled ON effect (settled_at) WHERE settled_at IS NOT NULL",
        "ix_effect_about ON effect (about)",
        "ix_effect_planned_at_id ON effect (planned_at, id)",
    ):
        op.execute(f"CREATE INDEX {index}")
    op.execute(
        "COMMENT ON TABLE mail IS "
        "'of the release before: emptied into effect; goes with the next release'"
    )
