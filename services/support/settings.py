"""What an operator of support may turn."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, field_validator

from shared.settings import ServiceSettings


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
        if span < timedelta(0):
            raise ValueError("it must not be negative")
        return span
