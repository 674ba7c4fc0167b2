"""Partner organisations, and what they may be shown."""
