"""Customers, region clocks, day inputs, closings, states, risks, findings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)

NONE = sa.text("0")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _customer()
    _inputs()
    _closings()
    _risk()
    _finding()


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False, server_default="UTC"),
        sa.Column("region", sa.Text, nullable=False, server_default="default"),
        sa.Column("version", sa.BigInteger, nullable=False, server_default=NONE),
        sa.Column("plan", sa.Text, nullable=False, server_default="none"),
        sa.Column("plan_before", sa.Text, nullable=False, server_default="none"),
        sa.Column("plan_from", sa.Date, comment="until this day plan_before counts"),
        sa.Column("model", sa.Text, comment="of the device claimed first"),
        sa.Column("model_key", sa.Text, comment="time and id of that claim: the smallest wins"),
        sa.Column("devices", sa.Integer, nullable=False, server_default=NONE),
        sa.Column("released_on", sa.Date, comment="UTC day the last owned device went away"),
        sa.Column("erased", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("first_day", sa.Date, comment="local day of the first usage or heartbeat"),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index("ix_customer_region_id", "customer", ["region", "id"])
    op.create_table(
        "region_clock",
        sa.Column("region", sa.Text, nullable=False),
        sa.Column(
            "zones",
            JSONB,
            nullable=False,
            server_default=sa.text("'{}'"),
            comment="zone: counts from",
        ),
        sa.Column("next_day", sa.Date, comment="to close next; NULL until the first usage"),
        sa.Column("closed", sa.Date, comment="closed last"),
        sa.Column("due_at", TIME, comment="T_close of next_day"),
        sa.PrimaryKeyConstraint("region", name="pk_region_clock"),
    )
    op.create_index("ix_region_clock_due_at", "region_clock", ["due_at"])


def _inputs() -> None:
    counts = ("uses", "hours", "covered_s", "faults", "errors", "tickets")
    big = ("uses", "covered_s")
    op.create_table(
        "day_input",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column(
            "day", sa.Date, nullable=False, comment="local; keeps the zone it was recorded with"
        ),
        sa.Column(
            "late", sa.SmallInteger, nullable=False, comment="closings missed; 3: without effect"
        ),
        *(
            sa.Column(
                name,
                sa.BigInteger if name in big else sa.Integer,
                nullable=False,
                server_default=NONE,
                comment="bit h: used in hour h" if name == "hours" else None,
            )
            for name in counts
        ),
        sa.PrimaryKeyConstraint("customer", "day", "late", name="pk_day_input"),
        postgresql_with={"fillfactor": "70"},
    )


def _closings() -> None:
    op.create_table(
        "day_close",
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("closed_at", TIME, nullable=False, comment="T_close, not the closer's clock"),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column(
            "provisional", JSONB, nullable=False, comment="cohorts as computed at this closing"
        ),
        sa.Column("final", JSONB, comment="cohorts once late data can no longer change the day"),
        sa.PrimaryKeyConstraint("region", "day", name="pk_day_close"),
    )
    numbers = [
        "uses",
        "days",
        "drop_stop",
        "drop_most",
        "drop_part",
        "near_uses",
        "near_days",
        "recent",
        "usual",
        "coverage",
    ]
    counters = ["reporting_days", "silent_days", "days_above", "alarm", "onset", "accepted"]
    op.create_table(
        "state",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False, comment="last day folded: final, never reopened"),
        *(sa.Column(name, sa.Double, nullable=False) for name in numbers),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counters),
        sa.PrimaryKeyConstraint("customer", name="pk_state"),
        postgresql_with={"fillfactor": "50"},
    )


def _risk() -> None:
    op.create_table(
        "risk",
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("cohort", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False, comment="the closed day the numbers are of"),
        sa.Column("tier", sa.Text, nullable=False, comment="learning, none, watch, at_risk"),
        sa.Column("why", sa.Text, comment="of the last change of tier"),
        sa.Column("since", sa.Date, comment="day of the last change of tier"),
        sa.Column("posterior", sa.Double, nullable=False),
        sa.Column("drop_stop", sa.Double, nullable=False),
        sa.Column("drop_most", sa.Double, nullable=False),
        sa.Column("drop_part", sa.Double, nullable=False),
        sa.Column(
            "expected", sa.Double, nullable=False, comment="hours with use expected that day"
        ),
        sa.Column("recent", sa.Double, nullable=False),
        sa.Column("usual", sa.Double, nullable=False),
        sa.Column("baseline", sa.Double, nullable=False),
        sa.Column("severity", sa.Double, nullable=False),
        sa.Column("risk", sa.Double, nullable=False),
        sa.Column("onset", sa.Date),
        sa.Column("reporting_days", sa.Integer, nullable=False),
        sa.Column("silent_days", sa.Integer, nullable=False),
        sa.Column("days_above", sa.Integer, nullable=False),
        sa.Column("factor", sa.Double, nullable=False),
        sa.Column("weight", sa.Double, nullable=False),
        sa.Column("dispersion", sa.Double, nullable=False),
        sa.Column("outage", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("customer", name="pk_risk"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index("ix_risk_tier_customer", "risk", ["tier", "customer"])


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("at", TIME, nullable=False, comment="T_close of the day"),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("tier", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("onset", sa.Date),
        sa.Column("posterior", sa.Double, nullable=False),
        sa.Column("severity", sa.Double, nullable=False),
        sa.Column("risk", sa.Double, nullable=False),
        sa.Column("expected", sa.Double, nullable=False),
        sa.Column("recent", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index("ix_finding_at_id", "finding", ["at", "id"])
    op.create_index("ix_finding_customer_at", "finding", ["customer", "at"])
