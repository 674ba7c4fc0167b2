"""Messages of sources: a chunk becomes a plan, accepted events become records."""
