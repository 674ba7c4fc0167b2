"""What the HTTP interface takes and shows; nothing that was not named is taken."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.console.domain.accounts.account import Account, PersonRole
from services.console.domain.programs.api_key import ApiKey
from services.console.domain.sessions.session import Session
from services.console.edges.api.texts import (
    Code,
    Email,
    Name,
    Organisation,
    Password,
    Secret,
)
from shared.web.times import Time
from shared.web.who import Role


class Wish(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Login(Wish):
    """The first step."""

    email: Email
    password: Password


class CodeIn(Wish):
    """A code of the telephone, or a recovery code."""

    code: Code


class Accept(Wish):
    """What the receiver of a link chooses."""

    secret: Secret = Field(description="What stands behind # in the link.")
    password: Password
    email: Email | None = Field(None, description="Of the first admin only.")
    name: Name | None = Field(None, description="Of the first admin only.")


class ResetIn(Wish):
    """Who has forgotten the password."""

    email: Email


class PasswordChange(Wish):
    """From one password to another."""

    present: Password
    wanted: Password


class FactorIn(Wish):
    """Asked for again, where the account has one."""

    password: Password | None = None


class AccountIn(Wish):
    """An account to be."""

    email: Email
    name: Name
    roles: list[PersonRole] = Field(min_length=1, max_length=8)
    organisation: Organisation | None = Field(None, description="Of a partner's people only.")


class RolesIn(Wish):
    """What somebody is from now on."""

    roles: list[PersonRole] = Field(min_length=1, max_length=8)
    organisation: Organisation | None = None


class KeyIn(Wish):
    """A key to be."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=63)] = Field(
        description="Of the program; two active keys of a name are permitted, for rotation."
    )
    roles: list[Role] = Field(min_length=1, max_length=10)
    organisation: Organisation | None = Field(None, description="Of a partner's key only.")
    scopes: list[Annotated[str, StringConstraints(max_length=120)]] | None = Field(
        None, max_length=50, description="`METHOD /route` or `/route`; null: all of its roles."
    )
    expires_in_days: int = Field(90, strict=True, ge=1, le=180)


class RoleTable(Wish):
    """Our table: what a value of the provider's claim makes somebody."""

    roles: dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], PersonRole] = (
        Field(max_length=200)
    )


class Progress(BaseModel):
    """How far a sign-in is."""

    state: Literal["signed_in", "second_factor_needed"]
    csrf_token: str | None = Field(None, description="To send as X-CSRF-Token with every change.")


class AddressView(BaseModel):
    """Where somebody has their mail."""

    email: str


class AccountView(BaseModel):
    """An account."""

    id: str
    email: str
    name: str
    roles: list[Role]
    organisation: str | None
    state: Literal["invited", "active", "deactivated"]
    second_factor: bool
    created_at: Time
    version: int = Field(description="Also the ETag; give it as If-Match.")

    @classmethod
    def of(cls, account: Account) -> Self:
        """Show an account; no secret of it."""
        return cls(
            id=account.id,
            email=account.email,
            name=account.name,
            roles=sorted(account.roles),
            organisation=account.organisation,
            state=account.state,
            second_factor=account.has_second_factor,
            created_at=account.created_at,
            version=account.version,
        )


class Invited(AccountView):
    """A new account with its link."""

    link: str = Field(description="Shown once, and mailed: good once, for three days.")


class LinkView(BaseModel):
    """A link."""

    link: str = Field(description="Shown once, and mailed: good once, for three days.")


class SessionView(BaseModel):
    """A session of the caller."""

    id: str
    created_at: Time
    seen_at: Time
    address: str
    agent: str
    present: bool = Field(description="The one this request came with.")

    @classmethod
    def of(cls, session: Session, present: str) -> Self:
        """Show a session."""
        return cls(
            id=session.id,
            created_at=session.created_at,
            seen_at=session.seen_at,
            address=session.address,
            agent=session.agent,
            present=session.id == present,
        )


class Me(BaseModel):
    """Who is signed in, and what the page needs."""

    account: AccountView
    csrf_token: str = Field(description="To send as X-CSRF-Token with every change.")
    second_factor_missing: bool = Field(
        description="The roles want one: nothing but setting it up is permitted."
    )
    stepped_up: bool = Field(description="A second factor was given a moment ago.")
    recovery_codes_left: int


class Ended(BaseModel):
    """How many sessions ended."""

    sessions: int


class Factor(BaseModel):
    """A second factor to confirm."""

    secret: str = Field(description="For typing into the telephone; shown once.")
    uri: str = Field(description="The same as an address, for a QR code.")


class RecoveryCodes(BaseModel):
    """Recovery codes."""

    recovery_codes: list[str] = Field(description="Shown once; each is good once.")
    csrf_token: str | None = Field(None, description="Of the session that goes on.")


class KeyView(BaseModel):
    """A key without its secret."""

    id: str
    prefix: str = Field(description="How it begins, to find it in a configuration.")
    kind: Literal["key", "service"]
    name: str
    roles: list[Role]
    organisation: str | None
    scopes: list[str] | None
    created_at: Time
    created_by: str
    expires_at: Time
    last_used_on: str | None = Field(description="A day, UTC.")
    revoked_at: Time | None

    @classmethod
    def of(cls, api_key: ApiKey) -> Self:
        """Show a key."""
        return cls(
            id=api_key.id,
            prefix=f"pk_{api_key.id}_",
            kind=api_key.kind,
            name=api_key.name,
            roles=sorted(api_key.roles),
            organisation=api_key.organisation,
            scopes=None if api_key.scopes is None else list(api_key.scopes),
            created_at=api_key.created_at,
            created_by=api_key.created_by,
            expires_at=api_key.expires_at,
            last_used_on=None if api_key.last_used_on is None else api_key.last_used_on.isoformat(),
            revoked_at=api_key.revoked_at,
        )


class NewKey(KeyView):
    """A key with its secret."""

    key: str = Field(description="Shown once. Keep it as a file, readable by its program only.")


class TokenView(BaseModel):
    """A token for all services."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the word of RFC 6749
    expires_in: int = Field(description="Seconds.")
