"""What ingest refuses."""

from shared.errors import PlaycallerError


class IngestError(PlaycallerError):
    """Base of ingest's own errors."""


class SourceNotFound(IngestError):
    """No device or app has this id."""

    kind = "source_not_found"

    def __init__(self, source: str) -> None:
        super().__init__(f"no source {source}")
        self.source = source


class SourceExists(IngestError):
    """A device or app with this id is registered already, differently."""

    kind = "source_exists"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is registered already, with other values")
        self.source = source


class SourceRetired(IngestError):
    """A retired source changes no more."""

    kind = "source_retired"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is retired")
        self.source = source


class AlreadyClaimed(IngestError):
    """The source belongs to another customer: it must be moved, not claimed."""

    kind = "already_claimed"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} belongs to another customer")
        self.source = source


class NotClaimed(IngestError):
    """Nobody owns the source: it must be claimed, not moved."""

    kind = "not_claimed"

    def __init__(self, source: str) -> None:
        super().__init__(f"nobody owns {source}")
        self.source = source


class CustomerErased(IngestError):
    """The customer is erased: nothing can be theirs any more."""

    kind = "customer_erased"

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} is erased; leave out what names this id")
        self.customer = customer


class RejectNotFound(IngestError):
    """No reject has this id, or its time is over."""

    kind = "reject_not_found"

    def __init__(self, reject: str) -> None:
        super().__init__(f"no reject {reject}")
        self.reject = reject


class ClockNotStarted(IngestError):
    """With the stream clock, ownership has no meaning before the first beacons."""

    kind = "clock_not_started"

    def __init__(self) -> None:
        super().__init__("simulated time has not begun: send the opening beacons first")


class Away(IngestError):
    """The registry's database cannot be reached now."""


class NoSuchCode(IngestError):
    """No device waits for this claim code, or its time is over."""

    kind = "no_such_code"

    def __init__(self) -> None:
        super().__init__("no device waits for this code: it was used, or its time is over")


class NoSuchCredential(IngestError):
    """The source has no such credential that is still good."""

    kind = "credential_not_found"

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} has no such credential that is still good")
        self.source = source


class NoAuthority(IngestError):
    """Certificates are not issued here."""

    kind = "no_authority"

    def __init__(self) -> None:
        super().__init__(
            "no certificates are issued here: INGEST_DEVICES_CA_FILE and INGEST_DEVICES_CA_KEY_FILE "
            "are not set"
        )
