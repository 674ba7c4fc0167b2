"""What an operator of support may turn."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from shared.peer import is_plain, peer_url
from shared.settings import ServiceSettings

LONGEST = timedelta(days=366)


class Settings(ServiceSettings):
    """Immutable; a misspelt or missing variable stops the start and is named."""

    wake_within: timedelta = Field(
        timedelta(hours=72),
        validation_alias="SUPPORT_WAKE_WITHIN",
        description="A fault this long after its ticket was resolved, or less, reopens it.",
        examples=["P3D"],
    )
    recovery_hold: timedelta = Field(
        timedelta(minutes=30),
        validation_alias="SUPPORT_RECOVERY_HOLD",
        description="A recovery that lasts this long resolves the ticket.",
        examples=["PT30M"],
    )

    journey_url: str = Field(
        "",
        validation_alias="SUPPORT_JOURNEY_URL",
        description="Journey's HTTP interface, which keeps contact data; empty: none is shown.",
        examples=["http://127.0.0.1:8082"],
    )
    console_url: str = Field(
        "",
        validation_alias="SUPPORT_CONSOLE_URL",
        description="Console's HTTP interface, where our client key becomes a token.",
        examples=["https://127.0.0.1:8085"],
    )
    client_key_file: Path | None = Field(
        None,
        validation_alias="SUPPORT_CLIENT_KEY_FILE",
        description="File with our key at console: we ask journey as ourselves.",
    )
    ca_file: str = Field(
        "",
        validation_alias="SUPPORT_CA_FILE",
        description="CA certificates that console's is checked with; empty: the system's.",
    )

    @field_validator("wake_within", "recovery_hold")
    @classmethod
    def _forward(cls, span: timedelta) -> timedelta:
        if not timedelta(0) <= span <= LONGEST:
            raise ValueError(f"from PT0S to P{LONGEST.days}D")
        return span

    @field_validator("journey_url", "console_url")
    @classmethod
    def _web(cls, url: str) -> str:
        return peer_url(url)

    @model_validator(mode="after")
    def _our_key_travels_hidden(self) -> Self:
        if is_plain(self.console_url):
            raise ValueError("SUPPORT_CONSOLE_URL must begin with https://: our key goes there")
        if is_plain(self.journey_url) and self.http_plain_behind_proxy == "no":
            raise ValueError(
                "SUPPORT_JOURNEY_URL must begin with https://, or HTTP_PLAIN_BEHIND_PROXY=yes say "
                "that the network is private: contact data comes from there"
            )
        return self
