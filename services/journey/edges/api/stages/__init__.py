"""The journey map, who is where on it, and how customers move."""
