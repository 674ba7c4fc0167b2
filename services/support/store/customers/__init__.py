"""Customers: facts, who may read their contact data, export and erasure."""
