"""The device a customer uses now, of which model and with which firmware."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"

COLUMNS = {
    "devices_told": "[key, since, source, change, model, firmware]",
    "fitted": "the device used now: [since, model, firmware]",
}
# until it gets another the device claimed first is the one used now
CARRY_OVER = """UPDATE customer SET
    devices_told = jsonb_build_array(jsonb_build_array(
        split_part(model_key, ' ', 1) || ' ' || split_part(model_key, ' ', 2),
        model_from, split_part(model_key, ' ', 3), 'claimed', model, NULL)),
    fitted = jsonb_build_array(jsonb_build_array(model_from, model, NULL))
    WHERE model_key IS NOT NULL AND model_from IS NOT NULL"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, says in COLUMNS.items():
        empty = sa.text("'[]'")
        column = sa.Column(name, JSONB, nullable=False, server_default=empty, comment=says)
        op.add_column("customer", column)
    op.execute(CARRY_OVER)
