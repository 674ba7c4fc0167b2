"""The words the run loop knows: bad for ever, not now, and stop."""


class PlaycallerError(Exception):
    """Base of everything we raise on purpose."""


class Unprocessable(PlaycallerError):
    """This record can never be handled: it goes to quarantine with `reason`."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class TryLater(PlaycallerError):
    """A server we need is away: nothing is lost, the same work is tried again.

    Attributes:
        title, detail: what a client may learn of it.
        retry_s: when asking again makes sense.
    """

    title = "A server this service needs is away"
    detail = "Nothing was changed. Send the same request again."
    retry_s = 5


class BadSettings(PlaycallerError):
    """A setting is missing, unknown or malformed: the start stops and names it."""
