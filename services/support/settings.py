"""What an operator of support may turn."""

from datetime import timedelta

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

    @field_validator("wake_within", "recovery_hold")
    @classmethod
    def _forward(cls, span: timedelta) -> timedelta:
        if span < timedelta(0):
            raise ValueError("it must not be negative")
        return span
