"""Tables of portfolios, and their statements."""
