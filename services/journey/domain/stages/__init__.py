"""The journey map, and the way of a customer along it."""
