"""Plays, their runs, and the tasks that people do in them."""
