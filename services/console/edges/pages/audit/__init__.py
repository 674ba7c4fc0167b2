"""Pages of who changed what."""
