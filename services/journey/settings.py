"""What an operator may turn."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from services.journey.domain.messages.signature import key_of, shop_keys
from shared.mail_settings import MailSettings
from shared.peer import is_plain, peer_url

HOME_CAMERA = Path("playbooks/home-camera/journey.yaml")


class Settings(MailSettings):
    """Settings of journey."""

    journey_map: Path = Field(
        HOME_CAMERA, description="The journey map: stages and when a customer enters each."
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Where mails of plays are handed over, as console's; left out: they wait.",
        examples=["smtps://USER:PASSWORD@mail.example.org:465"],
    )
    mail_from: str = Field(
        "playcaller@localhost.localdomain",
        validation_alias="JOURNEY_MAIL_FROM",
        description="Sender of mails to customers; what they answer arrives there.",
    )
    mails_per_minute: int = Field(
        600,
        validation_alias="JOURNEY_MAILS_PER_MINUTE",
        description="Mails to one domain of recipients; as many at once after a minute without any. "
        "The next ones are given their turns.",
        ge=1,
        le=60_000,
    )
    holdout_percent: float = Field(
        0.0,
        validation_alias="JOURNEY_HOLDOUT_PERCENT",
        description="Of customers, that no play does anything for (but one that says `everybody: true`): "
        "what all plays together come to is told by comparing with them. 0: nobody.",
        ge=0,
        le=20,
    )
    public_url: str = Field(
        "",
        validation_alias="JOURNEY_PUBLIC_URL",
        description="Where customers reach `/leave/...`, https; links in mails begin with it. Left "
        "out: host and port journey listens on, which is good for one machine only.",
        examples=["https://mails.example.org"],
    )
    webhook_secret: SecretStr | None = Field(
        None,
        validation_alias="JOURNEY_WEBHOOK_SECRET",
        description="What webhooks of plays are signed with (Standard Webhooks), `whsec_` and 24 to 64 "
        "bytes in base64; left out: they wait.",
    )
    referral_reward: float = Field(
        20.0,
        validation_alias="JOURNEY_REFERRAL_REWARD",
        ge=0,
        le=1_000_000,
        description="What a customer gets when a friend buys with their code.",
    )
    friend_reward: float = Field(
        10.0,
        validation_alias="JOURNEY_FRIEND_REWARD",
        ge=0,
        le=1_000_000,
        description="What the friend gets.",
    )
    return_days: int = Field(
        30,
        validation_alias="JOURNEY_RETURN_DAYS",
        ge=0,
        le=365,
        description="Days in which an order may be sent back: rewards of referrals are final then.",
    )
    shop_secrets: SecretStr = Field(
        SecretStr(""),
        validation_alias="JOURNEY_SHOP_SECRETS",
        description="What shops and billing systems sign with (Standard Webhooks): `SHOP=SECRET` of each, "
        "separated by blanks; `SHOP=SECRET,SECRET` while one is being changed. Who is not named here is "
        "not heard.",
        examples=["web-shop=SECRET,SECRET billing=SECRET"],
    )
    ingest_url: str = Field(
        "",
        validation_alias="JOURNEY_INGEST_URL",
        description="Ingest's HTTP interface, for its part of an export and for messages in the app; "
        "empty: no exports, and such messages wait.",
        examples=["http://127.0.0.1:8081"],
    )
    support_url: str = Field(
        "",
        validation_alias="JOURNEY_SUPPORT_URL",
        description="Support's HTTP interface, for its part of an export and for tickets that plays "
        "open; empty: no exports, and tickets wait.",
        examples=["http://127.0.0.1:8083"],
    )
    analytics_url: str = Field(
        "",
        validation_alias="JOURNEY_ANALYTICS_URL",
        description="Analytics' HTTP interface, for its part of an export; empty: no exports.",
        examples=["http://127.0.0.1:8084"],
    )
    console_url: str = Field(
        "",
        validation_alias="JOURNEY_CONSOLE_URL",
        description="Console's HTTP interface, where our client key becomes a token.",
        examples=["https://127.0.0.1:8085"],
    )
    client_key_file: Path | None = Field(
        None,
        validation_alias="JOURNEY_CLIENT_KEY_FILE",
        description="File with our key at console: we ask the other services as ourselves.",
    )
    ca_file: str = Field(
        "",
        validation_alias="JOURNEY_CA_FILE",
        description="CA certificates that console's is checked with; empty: the system's.",
    )

    @field_validator("webhook_secret")
    @classmethod
    def _key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret.get_secret_value())
        return secret

    @field_validator("shop_secrets")
    @classmethod
    def _keys(cls, secrets: SecretStr) -> SecretStr:
        shop_keys(secrets.get_secret_value())
        return secrets

    @field_validator("ingest_url", "support_url", "analytics_url", "console_url")
    @classmethod
    def _web(cls, url: str) -> str:
        return peer_url(url)

    @model_validator(mode="after")
    def _exports_travel_hidden(self) -> Self:
        if is_plain(self.console_url):
            raise ValueError("JOURNEY_CONSOLE_URL must begin with https://: our key goes there")
        others = (self.ingest_url, self.support_url, self.analytics_url)
        if any(map(is_plain, others)) and self.http_plain_behind_proxy == "no":
            raise ValueError(
                "JOURNEY_INGEST_URL, _SUPPORT_URL and _ANALYTICS_URL must begin with https://, or "
                "HTTP_PLAIN_BEHIND_PROXY=yes say that the network is private: personal data come "
                "from there"
            )
        return self
