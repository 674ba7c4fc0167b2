"""What the newest ticket is about."""

from services.journey.domain.facts.told import told

NAME = "contact_reason"
OTHER = "something else"
FACT = told(
    NAME, "The fault that the newest ticket is about; something else where it is about none."
)
