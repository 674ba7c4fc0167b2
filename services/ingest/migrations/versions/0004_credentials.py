"""Credentials of devices and apps, claim codes, and how often the broker's files have changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Expand only: whatever runs now knows none of this."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "credential",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="password or certificate"),
        sa.Column("verifier", sa.Text, comment="of a password, as the broker holds it"),
        sa.Column("serial", sa.Text, comment="of a certificate, hexadecimal"),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("why", sa.Text, comment="of the revocation"),
        sa.PrimaryKeyConstraint("id", name="pk_credential"),
    )
    op.create_index("ix_credential_source", "credential", ["source"])
    op.create_index(
        "ix_credential_one_password",
        "credential",
        ["source"],
        unique=True,
        postgresql_where=sa.text("kind = 'password' AND revoked_at IS NULL"),
    )
    op.create_index("ix_credential_revoked_at", "credential", ["revoked_at"])
    op.create_table(
        "claim_code",
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the code"),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_claim_code"),
    )
    op.create_index("ix_claim_code_source", "claim_code", ["source"], unique=True)
    op.create_table(
        "broker_files",
        sa.Column("one", sa.Integer, nullable=False, comment="always 1"),
        sa.Column("changes", sa.BigInteger, nullable=False, comment="of credentials, ever"),
        sa.PrimaryKeyConstraint("one", name="pk_broker_files"),
    )
