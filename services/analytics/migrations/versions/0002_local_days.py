"""Recent inputs in UTC: a local day is chosen when it closes (docs/decisions/0008).

The columns of `customer` that nothing reads any more stay until a later revision. Stop analytics
before this one: what it writes between this and its restart would not be carried over.
"""

from datetime import datetime, time, timedelta
from struct import Struct
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"

TIME = sa.DateTime(timezone=True)
EMPTY = sa.text("'[]'")
ITEM = Struct("<IIQIHHHH")  # as domain/item.py had it with this revision


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _columns()
    _recent_input()
    _customers()
    _marks()
    _open_days()


def _columns() -> None:
    for column in (
        sa.Column("history", JSONB, nullable=False, server_default=EMPTY, comment="[since, zone, region, plan]"),
        sa.Column("regions", ARRAY(sa.Text), nullable=False, server_default=sa.text("'{default}'"), comment="that close days of it"),
        sa.Column("owned", JSONB, nullable=False, server_default=EMPTY, comment="[since, devices gained]"),
        sa.Column("model_from", sa.Date, comment="the day model counts from"),
        sa.Column("began", TIME, comment="the first use or heartbeat had happened and arrived"),
        sa.Column("erased_from", sa.Date, comment="from this day on nothing is kept or read"),
    ):  # fmt: skip
        op.add_column("customer", column)
    op.add_column(
        "state",
        sa.Column("heard_until", TIME, comment="what arrived later is not in day_input up to that day"),
    )  # fmt: skip
    op.alter_column("day_input", "day", comment="local, and final")
    op.create_index("ix_customer_regions", "customer", ["regions"], postgresql_using="gin")
    op.create_index(
        "ix_customer_erased_from",
        "customer",
        ["erased_from"],
        postgresql_where=sa.text("erased_from IS NOT NULL"),
    )


def _recent_input() -> None:
    op.create_table(
        "recent_input",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False, comment="first record in it"),
        sa.Column("first_at", TIME, nullable=False, comment="of what is in it"),
        sa.Column("arrived", TIME, nullable=False, comment="by then all of it had"),
        sa.Column("items", sa.LargeBinary, nullable=False, comment="packed: domain/item.py"),
        sa.PrimaryKeyConstraint("customer", "cause", name="pk_recent_input"),
    )
    op.create_index("ix_recent_input_arrived", "recent_input", ["arrived"])


def _customers() -> None:
    """What a customer is counts for always, but for a change of plan under way.

    Noon of the first day: the same local day in nearly all zones.
    """
    op.execute("""
        UPDATE customer SET
            history = CASE
                WHEN version = 0 THEN '[]'
                WHEN plan_from IS NULL THEN
                    jsonb_build_array(jsonb_build_array('0001-01-01', zone, region, plan))
                ELSE jsonb_build_array(
                    jsonb_build_array('0001-01-01', zone, region, plan_before),
                    jsonb_build_array(plan_from, zone, region, plan))
                END,
            regions = ARRAY[region],
            owned = CASE
                WHEN released_on IS NOT NULL THEN jsonb_build_array(
                    jsonb_build_array('0001-01-01', devices + 1),
                    jsonb_build_array(released_on, -1))
                WHEN devices <> 0 THEN jsonb_build_array(jsonb_build_array('0001-01-01', devices))
                ELSE '[]'
                END,
            model_from = CASE WHEN model_key IS NOT NULL THEN DATE '0001-01-01' END,
            began = (first_day + TIME '12:00') AT TIME ZONE 'UTC',
            erased_from = CASE WHEN erased THEN DATE '0001-01-01' END
    """)


def _marks() -> None:
    op.execute("""
        UPDATE state s SET heard_until =
            (SELECT max(d.closed_at) FROM customer c JOIN day_close d ON d.region = c.region
            WHERE c.id = s.customer)
    """)


def _open_days() -> None:
    """Days that are not final become recent inputs again, an item for each hour with use.

    A customer's last final day is that of its state; without one no day is final.
    """
    taken = op.get_bind().execute(
        sa.text("""
            DELETE FROM day_input i USING customer c LEFT JOIN state s ON s.customer = c.id
            WHERE i.customer = c.id AND (s.day IS NULL OR i.day > s.day)
            RETURNING i.*, c.zone
        """)
    )
    recent = sa.table(
        "recent_input",
        *(sa.column(n) for n in ("customer", "cause", "first_at", "arrived", "items")),
    )
    while rows := taken.fetchmany(5_000):
        op.bulk_insert(recent, [_recent(row) for row in rows])


def _recent(row: sa.Row[Any]) -> dict[str, object]:
    """One day as items: all its counts with the first hour of use, or at noon.

    In time is as it happened; late is at the local midnight before the closing that it was in time
    for, which is six hours or more later.
    """
    zone = _zone(row.zone)
    hours = [hour for hour in range(24) if row.hours & 1 << hour] or [12]
    at = [datetime.combine(row.day, time(hour), zone) for hour in hours]
    late = datetime.combine(row.day + timedelta(days=row.late + 1), time(), zone)
    items = b""
    for n, moment in enumerate(at):
        counts = (row.uses, row.covered_s, row.faults, row.errors, row.tickets)
        if n > 0:
            counts = (1 if row.hours else 0, 0, 0, 0, 0)
        elif row.hours:
            counts = (row.uses - len(at) + 1, *counts[1:])
        items += ITEM.pack(_quarter(moment), _quarter(late if row.late else moment), *counts, 0)
    return {
        "customer": row.customer,
        "cause": f"carried over: {row.day.isoformat()}, {row.late}",
        "first_at": at[0],
        "arrived": late if row.late else at[-1],
        "items": items,
    }


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp()) // 900


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
