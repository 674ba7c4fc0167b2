"""Pages of what is sold."""
