"""Rejects and their bytes."""
