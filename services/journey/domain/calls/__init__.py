"""Calls and meetings at an agreed time: when one can be, and what calendars are told of it."""
