"""Mails that ask something: where one answers, until when, and the customer's own words."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, type_, comment in (
        ("asks", sa.Text, "the fact that an answer becomes; NULL: it asks nothing"),
        ("until", TIME, "answered later it counts no more"),
        ("answer_token", sa.Text, "in the address where one answers"),
        ("answered_at", TIME, None),
        ("words", sa.Text, "the customer's own, beside the answer"),
    ):
        op.add_column("message", sa.Column(name, type_, comment=comment))
    op.create_unique_constraint("uq_message_answer_token", "message", ["answer_token"])
