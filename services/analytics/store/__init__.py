"""The SQL of analytics: one file per table."""
