"""Buckets: which are whose, their simulated time, and since when they have been read."""
