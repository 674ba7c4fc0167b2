"""`/v1/tickets`."""
