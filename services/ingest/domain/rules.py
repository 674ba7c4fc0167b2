"""What ingest decides by beside the reasons: how long what it gives out is good."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator has turned.

    Attributes:
        app_password: life of an app's password; a device's has no end.
        claim_code: life of a code with which a customer claims a device.
    """

    app_password: timedelta
    claim_code: timedelta
