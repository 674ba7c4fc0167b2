"""A ticket changed: what the other services may know of it."""

from typing import ClassVar, Literal

from shared.events.event import News


class TicketChanged(News, frozen=True, kw_only=True, omit_defaults=True, tag="ticket_changed"):
    """Topic `support.activity`; key `c:<customer>`, or `d:<device>` when unclaimed.

    Attributes:
        version: counted under the ticket's row lock; a consumer applies only a higher one.
    """

    TOPIC: ClassVar[str] = "support.activity"

    ticket: str
    change: Literal["opened", "reopened", "assigned", "commented", "resolved"]
    state: Literal["open", "resolved"]
    version: int
    customer: str | None = None
    device: str | None = None
    fault_code: str | None = None
    model: str | None = None
    firmware: str | None = None
