"""Every table of analytics."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.analytics.domain.drops.state import COLUMNS, LARGE, WHOLE
from services.analytics.store.days.reach_tables import reach_tables
from shared.db.tables import NAMING, TIME, runtime_tables

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)

NONE = text("0")

FIRST = COLUMNS.index("accepted") + 1  # numbers of revision 0001; those added later have defaults
LATER = frozenset(COLUMNS[FIRST:])

SAYS = {
    "week": "what each weekday is to the customer, seven numbers of nine bits",
    "season": "what each part of the year is to the customer, 21 numbers of three bits",
}

EMPTY = text("'[]'")


def _type_of(name: str) -> type[BigInteger | Integer | Double[float]]:
    """Of a number of `state`."""
    if name in LARGE:
        return BigInteger
    return Integer if name in WHOLE else Double


def _through(table: Table) -> Table:
    """The same columns, of which all but the key may be missing; lost with the server."""
    columns = [
        Column(c.name, c.type, nullable=c.name != "customer", comment=c.comment)
        for c in table.columns
    ]
    return Table(f"{table.name}_closed", metadata, *columns, prefixes=["UNLOGGED"])


customer = Table(
    "customer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=NONE),
    Column("history", JSONB, nullable=False, server_default=EMPTY, comment="[since, zone, region, plan, price, paying]"),
    Column("regions", ARRAY(Text), nullable=False, server_default=text("'{default}'"), comment="that close days of it"),
    Column("owned", JSONB, nullable=False, server_default=EMPTY, comment="[since, devices gained]"),
    Column("devices_told", JSONB, nullable=False, server_default=EMPTY, comment="[key, since, source, change, model, firmware]"),
    Column("fitted", JSONB, nullable=False, server_default=EMPTY, comment="the device used now: [since, model, firmware]"),
    Column("began", TIME, comment="the first use or heartbeat had happened and arrived"),
    Column("erased_from", Date, comment="from this day on nothing is kept or read"),
    # no longer read or written since revision 0011; a later one drops them
    Column("model", Text, comment="of the device claimed first"),
    Column("model_key", Text, comment="time and id of that claim: the smallest wins"),
    Column("model_from", Date, comment="the day model counts from"),
    # likewise since revision 0002
    Column("zone", Text, nullable=False, server_default="UTC"),
    Column("region", Text, nullable=False, server_default="default"),
    Column("plan", Text, nullable=False, server_default="none"),
    Column("plan_before", Text, nullable=False, server_default="none"),
    Column("plan_from", Date, comment="until this day plan_before counts"),
    Column("devices", Integer, nullable=False, server_default=NONE),
    Column("released_on", Date, comment="UTC day the last owned device went away"),
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    Column("first_day", Date, comment="local day of the first usage or heartbeat"),
    postgresql_with={"fillfactor": "80"},
)  # fmt: skip
Index("ix_customer_region_id", customer.c.region, customer.c.id)
Index("ix_customer_regions", customer.c.regions, postgresql_using="gin")
Index(
    "ix_customer_erased_from",
    customer.c.erased_from,
    postgresql_where=customer.c.erased_from.is_not(None),
)

region_clock = Table(
    "region_clock",
    metadata,
    Column("region", Text, primary_key=True),
    Column(
        "zones", JSONB, nullable=False, server_default=text("'{}'"), comment="zone: counts from"
    ),
    Column("next_day", Date, comment="to close next; NULL until the first usage"),
    Column("closed", Date, comment="closed last"),
    Column("due_at", TIME, index=True, comment="T_close of next_day"),
)

recent_input = Table(
    "recent_input",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("cause", Text, primary_key=True, comment="first record in it"),
    Column("first_at", TIME, nullable=False, comment="of what is in it"),
    Column("arrived", TIME, nullable=False, index=True, comment="by then all of it had"),
    Column("items", LargeBinary, nullable=False, comment="packed: domain/item.py"),
)

day_input = Table(
    "day_input",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="local, and final"),
    Column("late", SmallInteger, primary_key=True, comment="closings missed; 3: without effect"),
    Column("uses", BigInteger, nullable=False, server_default=NONE),
    Column("hours", Integer, nullable=False, server_default=NONE, comment="bit h: used in hour h"),
    Column("covered_s", BigInteger, nullable=False, server_default=NONE),
    Column("faults", Integer, nullable=False, server_default=NONE),
    Column("errors", Integer, nullable=False, server_default=NONE),
    Column("tickets", Integer, nullable=False, server_default=NONE),
    postgresql_with={"fillfactor": "70"},
)

day_close = Table(
    "day_close",
    metadata,
    Column("region", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("closed_at", TIME, nullable=False, comment="T_close, not the closer's clock"),
    Column("members", Integer, nullable=False),
    Column("provisional", JSONB, nullable=False, comment="cohorts as computed at this closing"),
    Column("final", JSONB, comment="cohorts once late data can no longer change the day"),
)

state = Table(
    "state",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("day", Date, nullable=False, comment="last day folded: final, never reopened"),
    Column("heard_until", TIME, comment="what arrived later is not in day_input up to that day"),
    *(
        Column(
            name,
            _type_of(name),
            nullable=False,
            server_default=NONE if name in LATER else None,
            comment=SAYS.get(name),
        )
        for name in COLUMNS
    ),
    postgresql_with={"fillfactor": "50"},
)

risk = Table(
    "risk",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("cohort", Text, nullable=False),
    Column("day", Date, nullable=False, comment="the closed day the numbers are of"),
    Column("tier", Text, nullable=False, comment="learning, none, watch, at_risk"),
    Column("why", Text, comment="of the last change of tier"),
    Column("since", Date, comment="day of the last change of tier"),
    Column("posterior", Double, nullable=False),
    Column("drop_stop", Double, nullable=False),
    Column("drop_most", Double, nullable=False),
    Column("drop_part", Double, nullable=False),
    Column("expected", Double, nullable=False, comment="hours with use expected that day"),
    Column("recent", Double, nullable=False),
    Column("usual", Double, nullable=False),
    Column("baseline", Double, nullable=False),
    Column("severity", Double, nullable=False),
    Column("risk", Double, nullable=False),
    Column("onset", Date),
    Column("reporting_days", Integer, nullable=False),
    Column("silent_days", Integer, nullable=False),
    Column("days_above", Integer, nullable=False),
    Column("factor", Double, nullable=False),
    Column("weight", Double, nullable=False),
    Column("dispersion", Double, nullable=False),
    Column("outage", Boolean, nullable=False),
    # since revision 0007
    Column("model", Text, nullable=False, server_default=""),
    Column("plan", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="steady"),
    Column("away", Double, nullable=False, server_default=NONE),
    # since revision 0008
    Column("risk_90", Double, comment="no use within 90 days; NULL before there is a head"),
    Column("head", Date, comment="day of the head the risk is by; NULL: a stated prior"),
    # since revision 0009
    Column("price_month", Double, comment="of the subscription; NULL: nobody has told"),
    Column("at_stake", Double, nullable=False, server_default=NONE, comment="risk * price_month"),
    # since revision 0013
    Column(
        "cancels_30",
        Double,
        comment="the subscription is cancelled within 30 days; NULL: none is known",
    ),
    Column("cancels_90", Double, comment="within 90 days"),
    Column("cancels_by", Date, comment="day of the head that says so; NULL: a stated prior"),
    postgresql_with={"fillfactor": "50"},
)
Index("ix_risk_tier_customer", risk.c.tier, risk.c.customer)
Index("ix_risk_risk_customer", risk.c.risk.desc(), risk.c.customer)
Index("ix_risk_tier_risk_customer", risk.c.tier, risk.c.risk.desc(), risk.c.customer)
Index("ix_risk_at_stake", risk.c.at_stake.desc(), risk.c.risk.desc(), risk.c.customer)
Index(
    "ix_risk_tier_at_stake",
    risk.c.tier,
    risk.c.at_stake.desc(),
    risk.c.risk.desc(),
    risk.c.customer,
)
for _name in ("region", "plan", "model"):
    Index(f"ix_risk_{_name}", risk.c[_name])
Index("ix_risk_outage", risk.c.region, risk.c.model, risk.c.plan, postgresql_where=risk.c.outage)

# through which closings overwrite `state` and `risk`: empty outside of their transactions
state_closed = _through(state)
risk_closed = _through(risk)

device_heard, unreachable = reach_tables(metadata)

contact = Table(
    "contact",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", Text, nullable=False, comment="account:<id>"),
    Column("outcome", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''"), comment="people wrote it"),
)
Index("ix_contact_customer_at", contact.c.customer, contact.c.at.desc())

snooze = Table(
    "snooze",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("until", Date, nullable=False, comment="the day they are in the list again"),
    Column(
        "gravity", SmallInteger, nullable=False, comment="of the tier then: a graver one ends it"
    ),
    Column("at", TIME, nullable=False),
    Column("who", Text, nullable=False, comment="account:<id>"),
    Column("reason", Text, nullable=False, comment="people wrote it"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer", Text, nullable=False),
    Column("at", TIME, nullable=False, comment="T_close of the day"),
    Column("day", Date, nullable=False),
    Column("tier", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("onset", Date),
    Column("posterior", Double, nullable=False),
    Column("severity", Double, nullable=False),
    Column("risk", Double, nullable=False),
    Column("expected", Double, nullable=False),
    Column("recent", Double, nullable=False),
)
Index("ix_finding_at_id", finding.c.at, finding.c.id)
Index("ix_finding_customer_at", finding.c.customer, finding.c.at)

snapshot = Table(
    "snapshot",
    metadata,
    Column("region", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("customer", Text, primary_key=True),
    Column("numbers", LargeBinary, nullable=False, comment="of state, as of that day"),
)
Index("ix_snapshot_customer", snapshot.c.customer)


def _heads(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("region", Text, primary_key=True),
        Column("day", Date, primary_key=True, comment="it was fitted on: its version"),
        Column("head", JSONB, nullable=False, comment="what turns states into risk, its back-test"),
        Column("learned_from", Integer, nullable=False, comment="outcomes"),
    )


head = _heads("head")
cancellation_head = _heads("cancellation_head")
