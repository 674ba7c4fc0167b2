"""Contact data of customers."""
