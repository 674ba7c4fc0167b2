"""The tables of support; the migrations end here (a house test compares)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import NAMING, TIME, runtime_tables

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)

OF_NO_FAULT = text("'||' || gen_random_uuid()")
"""A fault key that no device has."""

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("0"), comment="of its owner"),
    Column("customer", Text, index=True),
    Column("model", Text),
    Column("firmware", Text),
    Column("firmware_at", TIME, comment="since when it runs it; the newest holds"),
    Column("retired_at", TIME),
    Column(
        "opened_since", TIME, comment="the day, by receipts, in which it opened `opened` tickets"
    ),
    Column("opened", Integer, nullable=False, server_default=text("0")),
)

fault_key = Table(
    "fault_key",
    metadata,
    Column("key", Text, primary_key=True, comment="device|code|component"),
    Column("device", Text, nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("ticket", Text, comment="the open ticket, or the newest"),
    Column("last_at", TIME, comment="(last_at, last_boot, last_seq): newest report applied"),
    Column("last_boot", Text),
    Column("last_seq", BigInteger),
    Column("last_moment", TIME, comment="last_at by our clock; between counters"),
    Column("last_seen", TIME),
    Column("faults", BigInteger, nullable=False, server_default=text("0")),
    Column("faulty", Boolean, nullable=False, server_default=text("false")),
    Column("recovery_due", TIME),
    Column("retired_at", TIME),
    Column("flapping", JSONB, nullable=False, server_default=text("'{}'")),
    Column("due_at", TIME, comment="when its next timer acts"),
    postgresql_with={"fillfactor": "80"},
)
Index("ix_fault_key_due_at", fault_key.c.due_at, postgresql_where=fault_key.c.due_at.is_not(None))

ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, primary_key=True, comment="UUIDv5 of what opened it"),
    Column("origin", Text, nullable=False, server_default=text("'fault'")),
    Column("customer", Text),
    Column("device", Text, nullable=False, server_default=text("''"), comment="empty: none"),
    Column("subject", Text, comment="people write it"),
    Column("channel", Text),
    Column("priority", Text, nullable=False, server_default=text("'normal'")),
    Column("state", Text, nullable=False),
    Column("opened_at", TIME, nullable=False, comment="first opening"),
    Column("opened_by", Text, nullable=False, comment="of the last opening"),
    Column("reopened_at", TIME),
    Column("resolved_at", TIME),
    Column("resolution", Text),
    Column("previous_ticket", Text),
    Column("reopen_count", Integer, nullable=False),
    Column("assignee", Text),
    Column("team", Text, comment="given to last that is no person"),
    Column("touched_at", TIME, comment="a person acted on it"),
    Column("historical", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    # in ticket_fault since revision 0010, whose triggers keep them for the release before it; a
    # later revision drops them, with the triggers
    Column("fault_key", Text, nullable=False, index=True, server_default=OF_NO_FAULT),
    Column("fault_code", Text, nullable=False, server_default=text("''")),
    Column("component", Text, nullable=False, server_default=text("''")),
    Column("model", Text),
    Column("firmware", Text),
    Column("severity", Text, nullable=False, server_default=text("'info'")),
    Column("first_seen", TIME, nullable=False, server_default=text("now()")),
    Column("last_seen", TIME, nullable=False, server_default=text("now()")),
    Column("faults", BigInteger, nullable=False, server_default=text("0")),
    Column("flapping", Boolean, nullable=False, server_default=text("false")),
    Index(
        "ix_ticket_subject",
        text("to_tsvector('simple'::regconfig, subject)"),
        postgresql_using="gin",
        postgresql_where=text("subject IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": "80"},
)
Index("ix_ticket_resolved_at", ticket.c.resolved_at)
IS_OPEN = ticket.c.state == text("'open'")
HAS_SUBJECT = ticket.c.subject.is_not(None)
SIMPLE: ColumnElement[str] = literal_column(
    "'simple'::regconfig"
)  # words as they are written, of any language
SUBJECT_WORDS = func.to_tsvector(SIMPLE, ticket.c.subject)
OPEN_SINCE = func.coalesce(ticket.c.reopened_at, ticket.c.opened_at)
_KINDS = ("origin", "priority", "team", "assignee")
Index("ix_ticket_open_kinds", *(ticket.c[name] for name in _KINDS), postgresql_where=IS_OPEN)
Index(
    "ix_ticket_open_priority",
    ticket.c.priority,
    OPEN_SINCE,
    ticket.c.id,
    postgresql_where=IS_OPEN,
)
Index("ix_ticket_waiting", OPEN_SINCE, ticket.c.id, postgresql_where=IS_OPEN)
Index("uq_ticket_open_fault_key", ticket.c.fault_key, unique=True, postgresql_where=IS_OPEN)
Index("ix_ticket_opened_at_id", ticket.c.opened_at, ticket.c.id)
Index("ix_ticket_open", ticket.c.opened_at, ticket.c.id, postgresql_where=IS_OPEN)
for _name in ("customer", "device", "fault_code", "assignee", "team", "priority"):
    Index(f"ix_ticket_{_name}", ticket.c[_name], ticket.c.opened_at, ticket.c.id)

ticket_fault = Table(
    "ticket_fault",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("key", Text, nullable=False, comment="device|code|component"),
    Column("device", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("component", Text, nullable=False),
    Column("model", Text),
    Column("firmware", Text),
    Column("severity", Text, nullable=False),
    Column("first_seen", TIME, nullable=False),
    Column("last_seen", TIME, nullable=False),
    Column("faults", BigInteger, nullable=False),
    Column("flapping", Boolean, nullable=False),
    Column("is_open", Boolean, nullable=False, comment="whether the ticket is"),
    comment="what a ticket knows of the fault it is about",
    postgresql_with={"fillfactor": "80"},
)
FAULT_IS_OPEN = ticket_fault.c.is_open
Index("ix_ticket_fault_by_code", ticket_fault.c.code)  # the plain name is the column's before
Index("uq_ticket_fault_open_key", ticket_fault.c.key, unique=True, postgresql_where=FAULT_IS_OPEN)
Index("ix_ticket_fault_open_device", ticket_fault.c.device, postgresql_where=FAULT_IS_OPEN)

ticket_history = Table(
    "ticket_history",
    metadata,
    Column("id", Text, primary_key=True, comment="UUIDv5 of its cause: a replay adds nothing"),
    Column("ticket", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("written_at", TIME, nullable=False, server_default=text("now()")),
    comment="append-only",
)
Index(
    "ix_ticket_history_ticket_at_id",
    ticket_history.c.ticket,
    ticket_history.c.at,
    ticket_history.c.id,
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", TIME, nullable=False),
)

shared_with = Table(
    "shared_with",
    metadata,
    Column("kind", Text, primary_key=True, comment="ticket; later play, task"),
    Column("id", Text, primary_key=True),
    Column("organisation", Text, ForeignKey("organisation.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("since", TIME, nullable=False),
)
Index(
    "ix_shared_with_organisation_kind_id",
    shared_with.c.organisation,
    shared_with.c.kind,
    shared_with.c.id,
)

reveal = Table(
    "reveal",
    metadata,
    Column("who", Text, primary_key=True),
    Column("ticket", Text, primary_key=True),
    # no longer read or written since revision 0003; a later one drops it
    Column("reason", Text),
    Column("until", TIME, nullable=False, index=True),
    comment="who may read a customer's contact data, and until when",
)

# no longer read or written: shared/web/guards/hourly.py counts; a later revision drops it
reveal_count = Table(
    "reveal_count",
    metadata,
    Column("who", Text, primary_key=True),
    Column("since", TIME, nullable=False),
    Column("count", Integer, nullable=False),
    comment="how often somebody was permitted to read contact data, within an hour",
)

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    comment="random bytes of this installation",
)

customer = Table(
    "customer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    Column("kind", Text),
    Column("zone", Text, nullable=False, server_default=text("'UTC'")),
    Column("region", Text),
    Column("plan", Text),
    Column("stage", Text),
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    Column("app_errors", BigInteger, nullable=False, server_default=text("0")),
    Column("help_views", BigInteger, nullable=False, server_default=text("0")),
    Column("app_seen_at", TIME),
    comment="no personal data",
)
