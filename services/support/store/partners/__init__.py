"""Organisations, what is shared with them, and the secret of their references."""
