"""What the first page decides."""
