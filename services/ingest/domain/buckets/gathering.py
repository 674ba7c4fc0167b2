"""Is it worth waiting a moment, so that more messages go to Kafka together? Pure."""

WINDOW_S = 0.1
SMALL = 200  # messages: a larger chunk does not wait for more
WORTH = 4.0  # messages: fewer would come in the moment, and each of them be later for nothing


class Gathering:
    """Knows how fast messages come."""

    def __init__(self, most_s: float) -> None:
        """Args: most_s: how long it may wait."""
        self._most_s = most_s
        self._since = self._rate = 0.0
        self._count = 0

    def came(self, messages: int, now: float) -> None:
        """So many have just been read."""
        self._count += messages
        span = now - self._since
        if span >= WINDOW_S:
            self._rate = self._count / span
            self._since, self._count = now, 0

    def wait_s(self, waiting: int) -> float:
        """How long to wait now, while so many wait already."""
        if waiting >= SMALL or self._rate * self._most_s < WORTH:
            return 0.0
        return self._most_s
