"""Pages of whom we may lose."""
