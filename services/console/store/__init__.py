"""PostgreSQL: one file per table or two that belong together."""
