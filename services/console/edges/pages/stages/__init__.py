"""Pages of the journey map."""
