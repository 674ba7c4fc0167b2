"""Plays, runs, messages and tasks in PostgreSQL."""
