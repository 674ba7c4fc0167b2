"""Customers recommend us: codes, what friends bought with them, and the rewards of both."""
