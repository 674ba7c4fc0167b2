"""What journey does outside: every kind of effect, each a file of its own."""

from collections.abc import Callable

from services.journey.edges.courier import (
    mail_to_try,
    message_app,
    message_mail,
    ticket,
    webhook,
)
from services.journey.edges.courier.post import Post
from shared.effects.kind import AnyKind

KINDS: tuple[Callable[[Post], AnyKind], ...] = (
    message_mail.kind,
    message_app.kind,
    webhook.kind,
    ticket.kind,
    mail_to_try.kind,
)


def kinds(post: Post) -> list[AnyKind]:
    """All of them, ready to be run."""
    return [make(post) for make in KINDS]
