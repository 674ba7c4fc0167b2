"""Customers handed in, changed, corrected and shown."""
