"""The tables of journey's database."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    any_,
    literal,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.journey.store.calls.call_table import call_table
from services.journey.store.contacts.contact_tables import contact_table
from services.journey.store.contacts.talk_table import talk_table
from services.journey.store.deliveries.delivery_tables import delivery_tables
from services.journey.store.hand_off_table import hand_off_table
from services.journey.store.play_tables import play_tables
from services.journey.store.plays.assignee_tables import assignee_tables
from services.journey.store.portfolios.portfolio_tables import portfolio_tables
from services.journey.store.products.offer_table import offer_table
from services.journey.store.referrals.referral_tables import referral_tables
from shared.db.tables import NAMING, TIME, runtime_tables
from shared.effects.tables import effect_table

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)

customer = Table(
    "customer",
    metadata,
    Column("id", Text, primary_key=True),
    Column("known", Boolean, nullable=False, comment="false: only heard of in an event"),
    Column("kind", Text, nullable=False),
    Column("zone", Text, nullable=False, comment="IANA time zone of the customer's days"),
    Column("region", Text, nullable=False),
    Column("stage", Text),
    Column("stage_since", TIME),
    Column("entries", Integer, nullable=False, comment="rows in stage_history"),
    Column("evaluated", BigInteger, nullable=False, comment="history known up to, epoch seconds"),
    Column("due_at", TIME, comment="when time alone may change the stage, at the earliest"),
    Column("uses", BigInteger, nullable=False),
    Column("last_use", BigInteger, nullable=False, comment="epoch seconds"),
    Column(
        "routine_from", BigInteger, nullable=False, comment="uses in this span change sums only"
    ),
    Column("routine_to", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, comment="of the newest customer.changed"),
    Column("republish_at", TIME),
    Column("created_at", TIME, nullable=False),
    postgresql_with={"fillfactor": "80"},  # why: sums change in place, without touching an index
)
Index("ix_customer_stage_id", customer.c.stage, customer.c.id)
Index("ix_customer_region_id", customer.c.region, customer.c.id)
Index("ix_customer_stage_region_id", customer.c.stage, customer.c.region, customer.c.id)
Index("ix_customer_due_at", customer.c.due_at, postgresql_where=customer.c.due_at.is_not(None))
Index(
    "ix_customer_republish_at",
    customer.c.republish_at,
    postgresql_where=customer.c.republish_at.is_not(None),
)

customer_state = Table(
    "customer_state",
    metadata,
    Column("customer", Text, ForeignKey("customer.id"), primary_key=True),
    Column("state", LargeBinary, nullable=False, comment="domain/state.py as UTF-8 JSON"),
)

quarter_use = Table(
    "quarter_use",
    metadata,
    Column("customer", Text, ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("quarter", BigInteger, primary_key=True, comment="of an hour since 1970"),
    Column("at", BigInteger, nullable=False, comment="first use in it, epoch seconds"),
    Column("cause", Text, nullable=False),
    comment="of customers nobody has handed in: their days are told from it once the zone is known",
)

customer_profile = Table(
    "customer_profile",
    metadata,
    Column("customer", Text, ForeignKey("customer.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("address", Text),
    Column("locale", Text),
    comment="personal data: read only to show it, never in an event or a log",
)
PROFILE_WORDS: ColumnElement[str] = literal_column(
    "to_tsvector('simple'::regconfig, translate((name || ' '::text) || COALESCE(email, ''::text),"
    " '@.-_+'::text, '     '::text))"
)  # words as they are written, of any language; an address falls into its parts
Index("ix_customer_profile_words", PROFILE_WORDS, postgresql_using="gin", _table=customer_profile)

subscription = Table(
    "subscription",
    metadata,
    Column("customer", Text, ForeignKey("customer.id"), primary_key=True),
    Column("plan", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("started_at", TIME, nullable=False),
    Column("renews_at", TIME),
    Column("price_month", Double, nullable=False),
)
Index("ix_subscription_plan_customer", subscription.c.plan, subscription.c.customer)
Index("ix_subscription_renews_at", subscription.c.renews_at, subscription.c.customer)

renewal_outcome = Table(
    "renewal_outcome",
    metadata,
    Column("customer", Text, ForeignKey("customer.id"), primary_key=True),
    Column("term_ends", TIME, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, comment="of who goes on with less, or not at all"),
    Column("who", Text, nullable=False, comment="account:<id>"),
    Column("at", TIME, nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False, comment="of its owner in the registry"),
    Column("customer", Text, index=True, comment="the present owner"),
    Column("model", Text),
    Column("firmware", Text),
    Column("firmware_at", TIME, comment="since when it runs it"),
)
Index("ix_device_model", device.c.model, device.c.firmware, device.c.customer)
Index("ix_device_firmware", device.c.firmware, device.c.customer)

purchase = Table(
    "purchase",
    metadata,
    Column("id", Text, primary_key=True),
    Column("customer", Text, ForeignKey("customer.id"), nullable=False),
    Column("product", Text, nullable=False),
    Column("at", TIME, nullable=False),
    Column("price", Double, nullable=False),
)
Index("ix_purchase_customer_at", purchase.c.customer, purchase.c.at)

product = Table(
    "product",
    metadata,
    Column("id", Text, primary_key=True, comment="what purchases and plans name it by"),
    Column("name", Text, nullable=False),
    Column("kind", Text, comment="NULL: heard of in a purchase or plan, not described yet"),
    Column("price", Double),
    Column("margin", Double, comment="what of the price is left, 0 to 1"),
    Column("exchange_cost", Double),
    Column("limits", JSONB, nullable=False, server_default="{}"),
    Column("works_with", ARRAY(Text), nullable=False, server_default="{}"),
    Column("replaces", Text),
    Column("sold_from", TIME),
    Column("sold_until", TIME),
)

stage_history = Table(
    "stage_history",
    metadata,
    Column("customer", Text, ForeignKey("customer.id"), primary_key=True),
    Column("n", Integer, primary_key=True, comment="0, 1, 2, ... in time order"),
    Column("at", TIME, nullable=False),
    Column("stage", Text, nullable=False),
    Column("previous", Text),
    Column("cause", Text, nullable=False, comment="identity of an event, or timer:<fact>"),
)

Index("ix_stage_history_at", stage_history.c.at)

erasure = Table(
    "erasure",
    metadata,
    Column("customer", Text, primary_key=True),
    Column("asked_at", TIME, nullable=False),
    Column("asked_by", Text, nullable=False, comment="subject of the token"),
    Column("reason", Text, nullable=False, comment="names nobody"),
    Column("told", Integer, nullable=False, comment="how often the other services were told"),
    Column("tell_at", TIME, nullable=False, index=True, comment="when next"),
    Column("completed_at", TIME, comment="all services had answered"),
    comment="stays for good, under the opaque id",
)

erasure_done = Table(
    "erasure_done",
    metadata,
    Column("customer", Text, ForeignKey("erasure.customer"), primary_key=True),
    Column("service", Text, primary_key=True),
    Column("done_at", TIME, comment="NULL: not yet"),
)

(
    play,
    play_version,
    run,
    run_line,
    left_out,
    message,
    task,
    left_topic,
    agreement,
    suppressed_address,
    play_draft,
    holdout,
    mail_rate,
    link,
    click,
) = play_tables(metadata)
hand_off = hand_off_table(metadata)
member, assignment = assignee_tables(metadata)
delivery, refund = delivery_tables(metadata)
contact = contact_table(metadata)
talk = talk_table(metadata)
offer = offer_table(metadata)
call = call_table(metadata)
portfolio, portfolio_handed = portfolio_tables(metadata)
referral_code, reward = referral_tables(metadata)
effect = effect_table(metadata)


def among(ids: Iterable[str]) -> Any:
    """Compare a column with it: one array, so that any number of ids is one statement."""
    return any_(literal(list(ids), ARRAY(Text)))
