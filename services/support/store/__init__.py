"""SQL: the tables and one file per table."""
