"""What ingest refuses, beside what any noun can meet."""

from shared.errors import PlaycallerError, Refusal


class IngestError(Refusal):
    """Base of ingest's own errors."""


class SourceRetired(IngestError):
    """A retired source changes no more."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is retired")
        self.source = source


class AlreadyClaimed(IngestError):
    """The source belongs to another customer: it must be moved, not claimed."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} belongs to another customer")
        self.source = source


class NotClaimed(IngestError):
    """Nobody owns the source: it must be claimed, not moved."""

    def __init__(self, source: str) -> None:
        super().__init__(f"nobody owns {source}")
        self.source = source


class CustomerErased(IngestError):
    """The customer is erased: nothing can be theirs any more."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} is erased; leave out what names this id")
        self.customer = customer


class ClockNotStarted(IngestError):
    """With the stream clock, ownership has no meaning before the first beacons."""

    def __init__(self) -> None:
        super().__init__("simulated time has not begun: send the opening beacons first")


class Away(PlaycallerError):
    """The registry's database cannot be reached now."""


class NoSuchCode(IngestError):
    """No device waits for this claim code, or its time is over."""

    def __init__(self) -> None:
        super().__init__("no device waits for this code: it was used, or its time is over")


class NoSuchCredential(IngestError):
    """The source has no such credential that is still good."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} has no such credential that is still good")
        self.source = source


class NoAuthority(IngestError):
    """Certificates are not issued here."""

    def __init__(self) -> None:
        super().__init__(
            "no certificates are issued here: INGEST_DEVICES_CA_FILE and INGEST_DEVICES_CA_KEY_FILE "
            "are not set"
        )
