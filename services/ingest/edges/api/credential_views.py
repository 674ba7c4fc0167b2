"""What the routes of credentials take and show."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.ingest.domain.broker.broker_log import Refused
from services.ingest.domain.credentials.credentials import Credential
from services.ingest.edges.api.views import SourceId
from services.ingest.handlers.credentials.credentials import Issued
from shared.web.identities import CustomerId
from shared.web.times import Time

MANY = 1_000


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ManyIn(_Input):
    """Sources that get a new password each."""

    sources: list[SourceId] = Field(min_length=1, max_length=MANY, fail_fast=True)


class RequestIn(_Input):
    """A certificate signing request, made where the private key is and stays."""

    csr: Annotated[str, Field(max_length=16_384, description="PKCS#10 in PEM.")]


class CodeIn(_Input):
    """What a customer types to claim a device."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9 -]{8,40}$")]
    customer: CustomerId


class PasswordView(BaseModel):
    """A password, shown this once: the registry keeps only what verifies it."""

    id: str
    username: str = Field(description="The id of the source; the MQTT client id is taken from it.")
    password: str
    issued_at: Time
    expires_at: Time | None = Field(description="Null: when it is replaced or revoked.")

    @classmethod
    def of(cls, issued: Issued) -> "PasswordView":
        """The view of a password that was just drawn."""
        credential = issued.credential
        return cls(
            id=credential.id,
            username=credential.source,
            password=issued.password,
            issued_at=credential.issued_at,
            expires_at=credential.expires_at,
        )


class NotGiven(BaseModel):
    """A source that got none."""

    source: str
    kind: str
    detail: str


class ManyView(BaseModel):
    """Passwords of many sources, shown this once."""

    credentials: list[PasswordView]
    left_out: list[NotGiven]


class CertificateView(BaseModel):
    """A certificate and the authority that signed it, both PEM."""

    id: str
    serial: str
    certificate: str
    authority: str
    issued_at: Time
    expires_at: Time

    @classmethod
    def of(cls, credential: Credential, pem: str, authority: str) -> "CertificateView":
        """The view of a certificate that was just signed."""
        if credential.expires_at is None or credential.serial is None:
            raise ValueError("a certificate has a serial number and an end")
        return cls(
            id=credential.id,
            serial=credential.serial,
            certificate=pem,
            authority=authority,
            issued_at=credential.issued_at,
            expires_at=credential.expires_at,
        )


class CredentialView(BaseModel):
    """A credential without its secret."""

    id: str
    kind: Literal["password", "certificate"]
    serial: str | None
    issued_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    why: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "CredentialView":
        """The view of a row."""
        return cls(**{name: row[name] for name in cls.model_fields})


class CredentialsView(BaseModel):
    """A source's credentials, newest first."""

    items: list[CredentialView]


class RevokedView(BaseModel):
    """What was revoked now; the broker knows it within two seconds."""

    revoked: list[str]


class CodeView(BaseModel):
    """A claim code, shown this once."""

    code: str
    expires_at: Time


class RefusedView(BaseModel):
    """Somebody the broker did not let in, or let go."""

    at: Time
    reason: str
    client: str | None = Field(description="As it called itself; null: it was not let so far.")
    line: str = Field(description="The broker's own words.")

    @classmethod
    def of(cls, refused: Refused) -> "RefusedView":
        """The view of one."""
        return cls(at=refused.at, reason=refused.reason, client=refused.client, line=refused.line)


class RefusalsView(BaseModel):
    """Whom the broker refused, as far as it tells: since this process started."""

    counts: dict[str, int]
    unread: int | None = Field(
        description="Publishes that the broker received and gave to nobody: those it denied, and what "
        "still waits to be read. Null: this process reads only some of the buckets."
    )
    held: dict[str, int] = Field(
        description="What the broker holds: clients `connected`, `sessions` of these and of those away, "
        "`subscriptions`; what it has not told yet is absent."
    )
    last: list[RefusedView] = Field(description="Newest first, 200 at the most.")
