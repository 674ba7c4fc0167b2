"""Hand-offs: a task is offered to another team, which accepts it or does not."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "hand_off",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("linkage", sa.Text, nullable=False, comment="of the playbook, as it was"),
        sa.Column("giver", sa.Text, nullable=False),
        sa.Column("taker", sa.Text, nullable=False),
        sa.Column("escalate", sa.Text, nullable=False, comment="gets it when nobody answers"),
        sa.Column("summary", sa.Text, nullable=False, comment="people's words"),
        sa.Column("next_step", sa.Text, nullable=False, comment="people's words"),
        sa.Column("offered_at", TIME, nullable=False),
        sa.Column("offered_by", sa.Text, nullable=False, comment="subject of a token"),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("due_at", TIME, comment="expires then; NULL: it is answered"),
        sa.Column(
            "state", sa.Text, nullable=False,
            comment="offered, accepted, declined, expired, withdrawn",
        ),
        sa.Column("settled_at", TIME),
        sa.Column("settled_by", sa.Text, comment="subject of a token; NULL: nobody"),
        sa.Column("why", sa.Text, comment="people's words"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hand_off"),
        _of("task"),
        _of("customer"),
        comment="one use of a linkage: who offers a task owns it until it is accepted",
    )  # fmt: skip
    op.create_index(
        "uq_hand_off_offered", "hand_off", ["task"], unique=True,
        postgresql_where=sa.text("state = 'offered'"),
    )  # fmt: skip
    op.create_index(
        "ix_hand_off_due_at", "hand_off", ["due_at"],
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_hand_off_task", "hand_off", ["task"])
    op.create_index("ix_hand_off_customer", "hand_off", ["customer"])
    op.create_index("ix_hand_off_offered_at", "hand_off", ["offered_at"])
    for side in ("taker", "giver"):
        columns = [side, "state", "expires_at", "id"]
        op.create_index(f"ix_hand_off_{side}_state_expires_at_id", "hand_off", columns)


def _of(table: str) -> sa.ForeignKeyConstraint:
    # why cascade: a release that does not know the table erases customers meanwhile
    name = f"fk_hand_off_{table}_{table}"
    return sa.ForeignKeyConstraint([table], [f"{table}.id"], name=name, ondelete="CASCADE")
