"""Which step of the set-up has failed."""

from services.journey.domain.facts.told import told

NAME = "failed_step"
DONE = "none"
FACT = told(
    NAME, "The step of the set-up that failed or was given up last; none: it was done since."
)
