"""Tables of contacts, and their statements."""
