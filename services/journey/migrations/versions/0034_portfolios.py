"""Which CSM has a customer, and who had them before."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "portfolio",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("csm", sa.Text, nullable=False, comment="account:<id>"),
        sa.Column("since", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False, comment="subject of a token, who said so"),
        sa.PrimaryKeyConstraint("customer", name="pk_portfolio"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_portfolio_customer_customer",
            ondelete="CASCADE",
        ),
        comment="which CSM looks after a customer; without a row: nobody",
    )  # fmt: skip
    op.create_index("ix_portfolio_csm_customer", "portfolio", ["csm", "customer"])
    op.create_table(
        "portfolio_handed",
        sa.Column("id", sa.Text, nullable=False, comment="of one hand-over, of one or many"),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("had", sa.Text, comment="account:<id>; NULL: nobody"),
        sa.Column("got", sa.Text, comment="account:<id>; NULL: nobody"),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", "customer", name="pk_portfolio_handed"),
        sa.ForeignKeyConstraint(
            ["customer"], ["customer.id"], name="fk_portfolio_handed_customer_customer",
            ondelete="CASCADE",
        ),
        comment="who looked after a customer before; only added to",
    )  # fmt: skip
    op.create_index("ix_portfolio_handed_customer", "portfolio_handed", ["customer", "at"])
