"""What this service refuses."""

from datetime import date

from services.analytics.domain.risks.care import LONGEST
from shared.errors import Refusal


class SnoozeTooLong(Refusal):
    """Nobody is left alone until that day."""

    title = "Not until that day"

    def __init__(self, until: date, today: date) -> None:
        super().__init__(
            f"`until` is {until}; expected a day after {today}, at the latest {today + LONGEST}."
        )
