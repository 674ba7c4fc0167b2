"""News of customers and of what they own; their erasure."""
