"""News of customers, and their erasure."""
