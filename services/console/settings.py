"""What an operator of console may turn."""

from datetime import timedelta
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from services.console.domain.accounts.account import PEOPLE
from services.console.domain.accounts.address import email
from services.console.domain.rules import Rules
from services.console.domain.sealed.seal import Seal, read_keys
from shared.mail_settings import MailSettings
from shared.unsafe import is_loopback
from shared.web.who import ROLES, Role


class Settings(MailSettings):
    """Immutable; a misspelt or missing variable stops the start and is named."""

    signing_key_file: Path = Field(
        validation_alias="CONSOLE_SIGNING_KEY_FILE",
        description="Private JWK that tokens are signed with; read again when it changes.",
        examples=["/run/secrets/signing.jwk"],
    )
    seal_key: SecretStr = Field(
        validation_alias="CONSOLE_SEAL_KEY",
        description="32 random bytes as 64 hexadecimal digits: what seals secrets of second factors "
        "and links of mails in the database. Two with a comma: the first seals, both open.",
        examples=["64 hexadecimal digits"],
    )
    smtp_url: SecretStr = Field(
        description="Where mails are handed over: `smtps://`, with user and password if need be, or "
        "`smtp://`: then another machine must offer STARTTLS, and gets nothing otherwise.",
        examples=["smtps://USER:PASSWORD@mail.example.org:465"],
    )
    url: str = Field(
        "",
        validation_alias="CONSOLE_URL",
        description="Where people reach the console; links in mails begin with it, and only pages "
        "of this origin may change anything. Left out: host and port it listens on.",
        examples=["https://console.example.org"],
    )
    local_port: int = Field(
        0,
        validation_alias="CONSOLE_LOCAL_PORT",
        ge=0,
        le=65535,
        description="Serve the pages at http://localhost:PORT besides, in clear, for a browser on "
        "this machine. `./playcaller` sets it; refused where `HTTP_HOST` is not loopback.",
    )
    mail_from: str = Field(
        "playcaller@localhost.localdomain",
        validation_alias="CONSOLE_MAIL_FROM",
        description="Sender of our mails.",
    )
    ingest_url: str = Field(
        "", validation_alias="CONSOLE_INGEST_URL", description="Where ingest listens, for pages."
    )
    journey_url: str = Field(
        "", validation_alias="CONSOLE_JOURNEY_URL", description="Where journey listens, for pages."
    )
    support_url: str = Field(
        "", validation_alias="CONSOLE_SUPPORT_URL", description="Where support listens, for pages."
    )
    analytics_url: str = Field(
        "",
        validation_alias="CONSOLE_ANALYTICS_URL",
        description="Where analytics listens, for pages.",
    )
    ca_file: str = Field(
        "",
        validation_alias="CONSOLE_CA_FILE",
        description="CA certificates that the other services' are checked with; empty: the system's.",
    )
    session_idle: timedelta = Field(
        timedelta(minutes=30),
        validation_alias="CONSOLE_SESSION_IDLE",
        description="A session left alone this long ends.",
    )
    session_life: timedelta = Field(
        timedelta(hours=12),
        validation_alias="CONSOLE_SESSION_LIFE",
        description="A session this old ends.",
    )
    second_factor_roles: str = Field(
        "admin lead oncall",
        validation_alias="CONSOLE_SECOND_FACTOR_ROLES",
        description="Roles that must have a second factor, with spaces between; `none` for none. "
        "Sensitive acts want one of everybody.",
        examples=["admin lead oncall agent"],
    )
    admin_link_in_log: bool = Field(
        default=True,
        validation_alias="CONSOLE_ADMIN_LINK_IN_LOG",
        description="Where there is no admin, write a link for the first one into the log. `false` "
        "where `python -m services.console bootstrap` asks for it.",
    )
    oidc_issuer: str = Field(
        "",
        validation_alias="CONSOLE_OIDC_ISSUER",
        description="OpenID Connect issuer; empty: people sign in with passwords only.",
        examples=["https://login.example.org"],
    )
    oidc_client_id: str = Field(
        "", validation_alias="CONSOLE_OIDC_CLIENT_ID", description="Our client id there."
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""),
        validation_alias="CONSOLE_OIDC_CLIENT_SECRET",
        description="Our client secret there.",
    )
    oidc_roles_claim: str = Field(
        "",
        validation_alias="CONSOLE_OIDC_ROLES_CLAIM",
        description="Claim whose values our table maps to roles; empty: roles are those of the "
        "account.",
        examples=["groups"],
    )

    @field_validator("session_idle", "session_life")
    @classmethod
    def _some_time(cls, span: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= span <= timedelta(days=7):
            raise ValueError("from one minute to seven days")
        return span

    @field_validator("mail_from")
    @classmethod
    def _an_address(cls, text: str) -> str:
        return email(text)

    @field_validator("second_factor_roles")
    @classmethod
    def _roles(cls, text: str) -> str:
        if text != "none" and not set(text.split()) <= PEOPLE:
            raise ValueError(f"roles of people: {', '.join(sorted(PEOPLE))}; or none")
        return text

    @field_validator("seal_key")
    @classmethod
    def _seals(cls, text: SecretStr) -> SecretStr:
        read_keys(text.get_secret_value())  # raises ValueError
        return text

    @field_validator("oidc_issuer")
    @classmethod
    def _https_issuer(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not _is_https(parts.scheme, parts.hostname):
            raise ValueError("it must begin with https://")
        return url

    @field_validator("url")
    @classmethod
    def _https_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme != "https" or not parts.hostname or parts.path.strip("/")):
            raise ValueError("it must be https://HOST or https://HOST:PORT")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.http_tls_cert_file is None:
            raise ValueError(
                "HTTP_TLS_CERT_FILE and HTTP_TLS_KEY_FILE are missing: sessions need HTTPS, on "
                "loopback too"
            )
        if self.local_port and (self.url or not is_loopback(self.http_host)):
            raise ValueError(
                "CONSOLE_LOCAL_PORT is for this machine only: HTTP_HOST must be 127.0.0.1, and "
                "CONSOLE_URL left out"
            )
        if not self.url and not is_loopback(self.http_host):
            raise ValueError("CONSOLE_URL is missing: HTTP_HOST is not what people type")
        if self.oidc_issuer and not (
            self.oidc_client_id and self.oidc_client_secret.get_secret_value()
        ):
            raise ValueError(
                "CONSOLE_OIDC_CLIENT_ID and CONSOLE_OIDC_CLIENT_SECRET are missing: "
                "CONSOLE_OIDC_ISSUER is set"
            )
        return self

    def seal(self) -> Seal:
        """What seals secrets."""
        return Seal(read_keys(self.seal_key.get_secret_value()))

    def _here(self) -> str:
        return f"http://localhost:{self.local_port}" if self.local_port else ""

    def rules(self) -> Rules:
        """What decisions take of it."""
        wanted = set(self.second_factor_roles.split())
        roles: frozenset[Role] = frozenset(role for role in ROLES if role in wanted)
        return Rules(
            url=self.url or self._here() or f"https://{self.http_host}:{self.http_port}",
            idle=self.session_idle,
            life=self.session_life,
            second_factor_roles=roles,
        )


def _is_https(scheme: str, host: str | None) -> bool:
    """HTTPS, or a provider on this very machine (tests)."""
    return bool(host) and (scheme == "https" or (scheme == "http" and is_loopback(host or "")))
