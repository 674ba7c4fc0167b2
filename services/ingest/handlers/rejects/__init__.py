"""Rejects, read by people."""
