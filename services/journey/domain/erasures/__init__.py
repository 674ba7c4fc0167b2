"""When an erasure is told, and what a reason must not say."""
