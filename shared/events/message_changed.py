"""A mail was replied to, or a link of it was opened by a person."""

from typing import ClassVar, Literal

from shared.events.event import News


class MessageChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="message_changed"):
    """Topic `journey.activity`; key `c:<customer>`. Never what was written.

    Attributes:
        message: id of what was sent; a mail's Message-ID begins with it.
        name: of the playbook's message that it was.
        run: whose step sent it.
    """

    TOPIC: ClassVar[str] = "journey.activity"

    customer: str
    message: str
    name: str
    run: str
    change: Literal["clicked", "replied"]
