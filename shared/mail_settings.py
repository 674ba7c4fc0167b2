"""Settings of a service that hands mails over."""

from pydantic import Field, SecretStr, field_validator

from shared.mail_server import mail_server
from shared.settings import ServiceSettings


class MailSettings(ServiceSettings):
    """What there is to say about the mail server."""

    smtp_url: SecretStr | None = Field(
        None,
        description="Where mails are handed over: `smtps://`, with user and password if need be, or "
        "`smtp://`: then another machine must offer STARTTLS, and gets nothing otherwise.",
        examples=["smtps://USER:PASSWORD@mail.example.org:465"],
    )
    smtp_ca_file: str = Field(
        "",
        description="CA certificates that the mail server's is checked with; empty: the system's.",
    )

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            mail_server(url.get_secret_value())  # raises ValueError
        return url
