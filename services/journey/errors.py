"""What journey refuses."""

from shared.errors import PlaycallerError


class JourneyError(PlaycallerError):
    """Base of what journey refuses."""


class CustomerNotFound(JourneyError):
    """No customer has this id."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"no customer {customer}")
        self.customer = customer


class CustomerExists(JourneyError):
    """A customer with this id is there already."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} exists")
        self.customer = customer


class CustomerErased(JourneyError):
    """The customer is erased, and this id is nobody's for good."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"customer {customer} is erased; a new customer needs a new id")
        self.customer = customer


class PurchaseNotFound(JourneyError):
    """This customer has no such purchase."""

    def __init__(self, purchase: str) -> None:
        super().__init__(f"no purchase {purchase}")


class TermNotFound(JourneyError):
    """Nothing of this id was said of the customer's subscription."""

    def __init__(self, term: str) -> None:
        super().__init__(f"no term {term}")


class TermInUse(JourneyError):
    """A renewal renews what this term set: withdraw the renewal first."""

    def __init__(self, term: str) -> None:
        super().__init__(f"term {term} was renewed; withdraw its renewals first")


class PartMissing(JourneyError):
    """A service did not give its part of an export: then there is none, rather than a gap."""

    retry_s = 5

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} did not give its part; nothing was exported, try again")
        self.service = service


class PartsUnknown(JourneyError):
    """This installation's settings do not say where the other services are: there is no export."""

    def __init__(self) -> None:
        super().__init__(
            "nothing was exported: where the other services' parts are is not set; set "
            "JOURNEY_INGEST_URL, JOURNEY_SUPPORT_URL, JOURNEY_ANALYTICS_URL, JOURNEY_CONSOLE_URL and "
            "JOURNEY_CLIENT_KEY_FILE"
        )
