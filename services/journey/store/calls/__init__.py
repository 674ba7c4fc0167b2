"""Calls at agreed times."""
