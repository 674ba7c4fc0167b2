"""How often customers use what they have: first and last day, gaps, paces; from the days that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

PACES = {"pace_week": 7.0, "pace_month": 30.0, "pace_quarter": 90.0, "pace_year": 365.0}
WHOLE = ("gap_longest", "used_days", "used_first", "used_last")

FADED = ", ".join(
    f"sum(d.hours * 0.5 ^ ((d.newest - d.day) / {half_life}::double precision)) AS {name}"
    for name, half_life in PACES.items()
)
CARRY_OVER = f"""
UPDATE state s SET used_first = u.used_first, used_last = u.used_last, used_days = u.used_days,
    gap_longest = u.gap_longest, gap_logs = u.gap_logs,
    {", ".join(f"{name} = u.{name}" for name in PACES)}
FROM (
    SELECT d.customer, count(*) AS used_days,
        min(d.day) - DATE '0001-01-01' + 1 AS used_first,
        max(d.day) - DATE '0001-01-01' + 1 AS used_last,
        coalesce(max(d.gap), 0) AS gap_longest,
        coalesce(sum(ln(d.gap)), 0) AS gap_logs, {FADED}
    FROM (
        SELECT h.customer, h.day, h.hours, max(h.day) OVER (PARTITION BY h.customer) AS newest,
            h.day - lag(h.day) OVER (PARTITION BY h.customer ORDER BY h.day) AS gap
        FROM (
            SELECT i.customer, i.day, length(replace(bit_or(i.hours)::bit(24)::text, '0', ''))
                AS hours
            FROM day_input i JOIN state t ON t.customer = i.customer AND i.day <= t.day
            WHERE i.late < 3 GROUP BY i.customer, i.day HAVING bit_or(i.hours) > 0
        ) h
    ) d GROUP BY d.customer
) u WHERE u.customer = s.customer
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in PACES:
        op.add_column("state", sa.Column(name, sa.Double, nullable=False, server_default="0"))
    op.add_column("state", sa.Column("gap_logs", sa.Double, nullable=False, server_default="0"))
    for name in WHOLE:
        op.add_column("state", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.execute(CARRY_OVER)
