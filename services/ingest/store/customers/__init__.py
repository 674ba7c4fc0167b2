"""Which customers exist; their export and erasure."""
