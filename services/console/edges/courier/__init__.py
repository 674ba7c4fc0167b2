"""What console does outside: every kind of effect, each a file of its own."""

from collections.abc import Callable

from services.console.edges.courier import link_mail, notice_mail
from services.console.edges.courier.post import Post
from shared.effects.kind import AnyKind

KINDS: tuple[Callable[[Post], AnyKind], ...] = (link_mail.kind, notice_mail.kind)


def kinds(post: Post) -> list[AnyKind]:
    """All of them, ready to be run."""
    return [make(post) for make in KINDS]
