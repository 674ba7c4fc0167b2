"""Customers, their export and their erasure."""
