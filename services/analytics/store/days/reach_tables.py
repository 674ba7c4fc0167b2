"""The tables of single devices that are heard or missed; store/tables.py adds them to the others."""

from sqlalchemy import Column, Date, Index, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db.tables import TIME


def reach_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Devices as they are heard, and the spells in which one is missed."""
    device_heard = Table(
        "device_heard",
        metadata,
        Column("customer", Text, primary_key=True),
        Column("device", Text, primary_key=True),
        Column("began", TIME, comment="its first sign arrived; NULL: only lost yet"),
        Column("heard", Date, comment="the last day of UTC with anything of it; NULL: likewise"),
        Column("every_days", SmallInteger, nullable=False, server_default=text("0"), comment="between heartbeats; 0: more often"),
        Column("gaps", JSONB, nullable=False, server_default=text("'[]'"), comment="[since, until what ended it arrived, every_days]"),
        Column("gap_until", TIME, comment="of the newest gap"),
        Column("lost", ARRAY(Date), nullable=False, server_default=text("'{}'"), comment="it went away from the customer, known from these days on"),
        postgresql_with={"fillfactor": "70"},
    )  # fmt: skip
    Index("ix_device_heard_heard", device_heard.c.heard)
    Index(
        "ix_device_heard_gap_until", device_heard.c.gap_until,
        postgresql_where=device_heard.c.gap_until.is_not(None),
    )  # fmt: skip
    unreachable = Table(
        "unreachable",
        metadata,
        Column("customer", Text, primary_key=True),
        Column("device", Text, primary_key=True),
        Column("since", Date, primary_key=True, comment="it was heard last"),
        Column("told_at", TIME, nullable=False, comment="T_close of the day that missed it"),
        Column("over_at", TIME, comment="likewise, of the day that heard it again"),
    )
    Index("ix_unreachable_device", unreachable.c.device)
    Index(
        "ix_unreachable_open",
        unreachable.c.customer,
        postgresql_where=unreachable.c.over_at.is_(None),
    )
    return device_heard, unreachable
