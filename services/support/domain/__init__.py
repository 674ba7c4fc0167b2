"""Decisions: no I/O, no clock, no await; `now` is an argument."""
