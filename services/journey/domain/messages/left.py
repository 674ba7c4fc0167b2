"""What a customer took themselves out of."""

from typing import NamedTuple

from services.journey.domain.messages.purpose import Channel


class Left(NamedTuple):
    """What a customer took themselves out of; None: all of them."""

    topic: str | None = None
    channel: Channel | None = None

    def covers(self, topic: str | None, channel: Channel) -> bool:
        """Whether a message of this topic on this channel would be one of those."""
        return self.topic in (None, topic) and self.channel in (None, channel)
