"""Secrets, as they are kept."""
