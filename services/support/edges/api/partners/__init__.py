"""`/v1/organisations`, sharing, and all that a partner is shown."""
