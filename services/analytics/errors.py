"""What analytics refuses."""

from shared.errors import PlaycallerError


class AnalyticsError(PlaycallerError):
    """Base of what analytics refuses."""


class CustomerNotFound(AnalyticsError):
    """No customer with this id has been heard of."""

    def __init__(self, customer: str) -> None:
        super().__init__(f"no customer {customer}")
        self.customer = customer
