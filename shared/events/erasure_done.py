"""A service has forgotten a customer."""

from typing import ClassVar

from shared.events.event import News

TOPIC_OF = {
    "ingest": "registry.changed",
    "support": "support.activity",
    "analytics": "analytics.finding",
}
"""Where each service answers: a topic of its own that journey reads anyway."""


class ErasureDone(News, frozen=True, kw_only=True, omit_defaults=True, tag="erasure_done"):
    """The answer to `erased`; key `c:<customer>`. For journey; no handler of others sees it.

    Each service answers on a topic of its own (TOPIC is only the default).
    """

    TOPIC: ClassVar[str] = "support.activity"

    customer: str
    service: str
