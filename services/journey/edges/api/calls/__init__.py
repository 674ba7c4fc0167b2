"""Calls at agreed times, for who keeps them."""
