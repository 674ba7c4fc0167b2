"""The tables of console; the migrations end here (a house test compares)."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import NAMING, TIME, runtime_tables
from shared.effects.tables import effect_table

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)
effect = effect_table(metadata)


def _account() -> Column[str]:
    return Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), nullable=False)


account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("email", Text, nullable=False, unique=True, comment="small letters, ASCII"),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("organisation", Text, comment="of a partner's people; owned by support"),
    Column("state", Text, nullable=False, comment="invited, active, deactivated"),
    Column("created_at", TIME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("password_hash", Text, comment="argon2id"),
    Column("totp_secret", Text, comment="confirmed second factor"),
    Column("totp_pending", Text, comment="shown, not confirmed yet"),
    Column("totp_step", BigInteger, nullable=False, comment="last one used: replay is refused"),
    Column("subject", Text, unique=True, comment="issuer and subject at the OpenID provider"),
    Column(
        "wishes",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="how they want to work: keys, columns, saved views",
    ),
    comment="the only table with personal data",
)
Index(
    "ix_account_admin",
    account.c.id,
    postgresql_where=text("state = 'active' AND 'admin' = ANY (roles)"),
)

session = Table(
    "session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True, comment="SHA-256 of the cookie"),
    _account(),
    Column("created_at", TIME, nullable=False, index=True),
    Column("seen_at", TIME, nullable=False),
    Column("second_factor_at", TIME),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Index("ix_session_account", "account"),
)

link = Table(
    "link",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of its secret"),
    Column("kind", Text, nullable=False, comment="admin, invitation, reset, half"),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE")),
    Column("created_at", TIME, nullable=False),
    Column("expires_at", TIME, nullable=False, index=True),
    Index("ix_link_account", "account"),
    comment="deleted when used",
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", Text, primary_key=True, comment="deleted when used"),
)

tries = Table(
    "tries",
    metadata,
    Column("key", Text, primary_key=True, comment="account:<sha256>, address:<network>, ..."),
    Column("count", Integer, nullable=False),
    Column("last_at", TIME, index=True),
    comment="what was tried and did not succeed",
)

looking = Table(
    "looking",
    metadata,
    Column("ticket", Text, primary_key=True),
    Column("account", Text, ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("until", TIME, nullable=False, index=True),
    comment="who has a ticket's page open",
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True, comment="the visible part"),
    Column("digest", Text, nullable=False, comment="SHA-256 of its secret"),
    Column("kind", Text, nullable=False, comment="key, service"),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("organisation", Text),
    Column("scopes", ARRAY(Text)),
    Column("created_at", TIME, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", TIME, nullable=False),
    Column("last_used_on", Date, comment="coarse: a day"),
    Column("revoked_at", TIME),
    Index("ix_api_key_name", "name"),
)

mail = Table(
    "mail",
    metadata,
    Column("id", Text, primary_key=True, comment="also its Message-ID"),
    _account(),
    Column("kind", Text, nullable=False, comment="invitation, reset"),
    Column("secret", Text, nullable=False, comment="of the link; gone with the row"),
    Column("attempts", SmallInteger, nullable=False),
    Column("created_at", TIME, nullable=False),
    Column("due_at", TIME, nullable=False, index=True),
    Column("expires_at", TIME, nullable=False),
    Index("ix_mail_account", "account"),
    comment="of the release before: emptied into effect; goes with the next release",
)

provider_role = Table(
    "provider_role",
    metadata,
    Column("value", Text, primary_key=True, comment="of the claim CONSOLE_OIDC_ROLES_CLAIM"),
    Column("role", Text, nullable=False),
)

provider_attempt = Table(
    "provider_attempt",
    metadata,
    Column("digest", Text, primary_key=True, comment="SHA-256 of `state`; deleted when used"),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False, comment="of PKCE"),
    Column("expires_at", TIME, nullable=False, index=True),
)
