"""The catalogue of products; those that purchases and plans name are in it, to be described."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "product",
        sa.Column("id", sa.Text, nullable=False, comment="what purchases and plans name it by"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column(
            "kind", sa.Text, comment="NULL: heard of in a purchase or plan, not described yet"
        ),
        sa.Column("price", sa.Double),
        sa.Column("margin", sa.Double, comment="what of the price is left, 0 to 1"),
        sa.Column("exchange_cost", sa.Double),
        sa.Column("limits", postgresql.JSONB, nullable=False, server_default="{}"),
        sa.Column("works_with", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
        sa.Column("replaces", sa.Text),
        sa.Column("sold_from", sa.DateTime(timezone=True)),
        sa.Column("sold_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
    )
    # why again with every purchase: the release now running goes on naming others meanwhile
    op.execute(
        """INSERT INTO product (id, name) SELECT p, p FROM
        (SELECT product AS p FROM purchase UNION SELECT plan FROM subscription) AS named"""
    )
