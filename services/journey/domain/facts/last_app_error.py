"""Which error the app has shown last."""

from services.journey.domain.facts.told import told

NAME = "last_app_error"
FACT = told(NAME, "The code of the newest error that the app has shown the customer.")
