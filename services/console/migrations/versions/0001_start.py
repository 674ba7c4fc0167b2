"""Accounts, sessions, links, tries, keys and mails."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _people()
    _proofs()
    _programs()
    _provider()


def _account() -> sa.Column[str]:
    return sa.Column("account", sa.Text, nullable=False)


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account"], ["account.id"], name=f"fk_{table}_account_account", ondelete="CASCADE"
    )


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False, comment="small letters, ASCII"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("organisation", sa.Text, comment="of a partner's people; owned by support"),
        sa.Column("state", sa.Text, nullable=False, comment="invited, active, deactivated"),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("password_hash", sa.Text, comment="argon2id"),
        sa.Column("totp_secret", sa.Text, comment="confirmed second factor"),
        sa.Column("totp_pending", sa.Text, comment="shown, not confirmed yet"),
        sa.Column(
            "totp_step",
            sa.BigInteger,
            nullable=False,
            comment="last one used: replay is refused",
        ),
        sa.Column("subject", sa.Text, comment="issuer and subject at the OpenID provider"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
        sa.UniqueConstraint("subject", name="uq_account_subject"),
        comment="the only table with personal data",
    )
    op.create_index(
        "ix_account_admin",
        "account",
        ["id"],
        postgresql_where=sa.text("state = 'active' AND 'admin' = ANY (roles)"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the cookie"),
        _account(),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("second_factor_at", TIME),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        _of_account("session"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        sa.UniqueConstraint("digest", name="uq_session_digest"),
    )
    op.create_index("ix_session_account", "session", ["account"])
    op.create_index("ix_session_created_at", "session", ["created_at"])


def _proofs() -> None:
    op.create_table(
        "link",
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of its secret"),
        sa.Column("kind", sa.Text, nullable=False, comment="admin, invitation, reset, half"),
        sa.Column("account", sa.Text),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        _of_account("link"),
        sa.PrimaryKeyConstraint("digest", name="pk_link"),
        comment="deleted when used",
    )
    op.create_index("ix_link_account", "link", ["account"])
    op.create_index("ix_link_expires_at", "link", ["expires_at"])
    op.create_table(
        "recovery_code",
        _account(),
        sa.Column("digest", sa.Text, nullable=False, comment="deleted when used"),
        _of_account("recovery_code"),
        sa.PrimaryKeyConstraint("account", "digest", name="pk_recovery_code"),
    )
    op.create_table(
        "tries",
        sa.Column(
            "key", sa.Text, nullable=False, comment="account:<sha256>, address:<network>, ..."
        ),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", TIME),
        sa.PrimaryKeyConstraint("key", name="pk_tries"),
        comment="what was tried and did not succeed",
    )
    op.create_index("ix_tries_last_at", "tries", ["last_at"])
    op.create_table(
        "mail",
        sa.Column("id", sa.Text, nullable=False, comment="also its Message-ID"),
        _account(),
        sa.Column("kind", sa.Text, nullable=False, comment="invitation, reset"),
        sa.Column("secret", sa.Text, nullable=False, comment="of the link; gone with the row"),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        _of_account("mail"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        comment="deleted when sent, expired or given up",
    )
    op.create_index("ix_mail_account", "mail", ["account"])
    op.create_index("ix_mail_due_at", "mail", ["due_at"])


def _programs() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Text, nullable=False, comment="the visible part"),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of its secret"),
        sa.Column("kind", sa.Text, nullable=False, comment="key, service"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("organisation", sa.Text),
        sa.Column("scopes", sa.ARRAY(sa.Text)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("last_used_on", sa.Date, comment="coarse: a day"),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_index("ix_api_key_name", "api_key", ["name"])


def _provider() -> None:
    op.create_table(
        "provider_role",
        sa.Column(
            "value",
            sa.Text,
            nullable=False,
            comment="of the claim CONSOLE_OIDC_ROLES_CLAIM",
        ),
        sa.Column("role", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("value", name="pk_provider_role"),
    )
    op.create_table(
        "provider_attempt",
        sa.Column(
            "digest", sa.Text, nullable=False, comment="SHA-256 of `state`; deleted when used"
        ),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("verifier", sa.Text, nullable=False, comment="of PKCE"),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_provider_attempt"),
    )
    op.create_index("ix_provider_attempt_expires_at", "provider_attempt", ["expires_at"])
