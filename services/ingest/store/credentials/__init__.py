"""Credentials, and what the broker must know of them."""
